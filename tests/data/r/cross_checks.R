# The answers of R to questions that the package's statistics answer too.
# Run in this folder:  Rscript cross_checks.R > answers.json
# It needs r-base-core and the packages r-cran-jsonlite, -survey, -geepack, -clubsandwich, -lme4,
# -metafor, -psych, -boot and -mice; the tests read answers.json and need none of them.
suppressPackageStartupMessages({
  library(survey); library(geepack); library(clubSandwich); library(lme4)
  library(metafor); library(psych); library(mice)
})
hips <- read.csv("hips.csv")
hips$is_left <- as.integer(hips$side == "left")
bath <- read.csv("../../../data/raw/bath-hips/hips.csv")
answers <- list()

# One rate, two hips per person.
design <- svydesign(ids = ~person, weights = ~1, data = hips)
mean_of <- svymean(~responded, design)
answers$survey_mean <- list(rate = coef(mean_of)[[1]], se = SE(mean_of)[[1]])
answers$survey_beta <- as.numeric(attr(svyciprop(~responded, design, method = "beta"), "ci"))

# Left against right.
agresti <- matrix(c(794, 150, 86, 570), 2, byrow = TRUE)
answers$mcnemar <- list(plain = mcnemar.test(agresti, correct = FALSE)$statistic[[1]],
                        corrected = mcnemar.test(agresti)$statistic[[1]],
                        exact = binom.test(86, 236)$p.value)
gee <- geeglm(responded ~ is_left, id = person, data = hips, family = binomial, corstr = "exchangeable",
              control = geese.control(epsilon = 1e-12, maxit = 200))
answers$geepack <- list(coefficients = coef(gee), correlation = gee$geese$alpha[[1]])
# CR3 with independent hips is the covariance of Mancl and DeRouen.
clustered <- function(formula, family, cluster, data) {
  fit <- glm(formula, family = family, data = data, control = glm.control(epsilon = 1e-15))
  list(coefficients = coef(fit), variance = vcovCR(fit, cluster = data[[cluster]], type = "CR3"))
}
one_hip <- hips[!duplicated(hips$person), ]
by_clinic <- clustered(responded ~ is_left, binomial, "clinic", one_hip)
satterthwaite <- function(link) {
  fit <- glm(responded ~ is_left, binomial(link = link), one_hip, control = glm.control(epsilon = 1e-15))
  coef_test(fit, vcov = "CR3", cluster = one_hip$clinic, test = "Satterthwaite")
}
log_odds <- satterthwaite("logit")
difference <- satterthwaite("identity")
answers$by_clinic <- list(log_odds = by_clinic$coefficients[[2]], log_odds_se = sqrt(by_clinic$variance[2, 2]),
                          log_odds_df = log_odds$df_Satt[2], log_odds_p = log_odds$p_Satt[2],
                          difference_se = difference$SE[2], difference_df = difference$df_Satt[2])
interaction <- clustered(responded ~ is_left * type, binomial(link = "identity"), "person", one_hip)
answers$interaction <- list(estimate = interaction$coefficients[[4]], se = sqrt(interaction$variance[4, 4]))
answers$adjust <- list(p = c(.001, .02, .03, .04, .5),
                       holm = p.adjust(c(.001, .02, .03, .04, .5), "holm"),
                       benjamini_hochberg = p.adjust(c(.001, .02, .03, .04, .5), "BH"))

# Degrees.
clustered_ols <- function(formula, data, cluster) {
  fit <- lm(formula, data = data)
  test <- coef_test(fit, vcov = "CR2", cluster = data[[cluster]], test = "Satterthwaite")
  list(coefficients = unname(coef(fit)), se = test$SE, df = test$df_Satt, p = test$p_Satt)
}
answers$ancova_hips <- clustered_ols(after ~ matched + before, hips, "person")
answers$mean_change_by_person <- clustered_ols(after - before ~ 1, hips, "person")
answers$mean_change_by_clinic <- clustered_ols(after - before ~ 1, hips, "clinic")
bath$treated <- as.integer(bath$grp == "treat")
# Left against right by clinic: the mean difference of pairs; and one rate by clinic.
pairs <- merge(hips[hips$side == "left", ], hips[hips$side == "right", ], by = "person")
pairs$apart <- pairs$responded.x - pairs$responded.y
answers$sides_by_clinic <- clustered_ols(apart ~ 1, pairs, "clinic.x")
answers$rate_by_clinic <- clustered_ols(responded ~ 1, hips, "clinic")
answers$ancova_bath <- clustered_ols(raft ~ treated + rbef, bath, "person")
mixed <- lmer(raft - rbef ~ treated + (1 | person), data = bath)
answers$bath_mixed <- list(coefficients = unname(fixef(mixed)), se = sqrt(diag(as.matrix(vcov(mixed)))))
shrout_fleiss <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), 6, byrow = TRUE)
icc <- ICC(shrout_fleiss, lmer = FALSE)$results
answers$icc <- list(type = icc$type, icc = icc$ICC, low = icc$`lower bound`, high = icc$`upper bound`)
long <- data.frame(y = c(t(shrout_fleiss)), hip = gl(6, 4), rater = gl(4, 1, 24))
components <- as.data.frame(VarCorr(lmer(y ~ (1 | hip) + (1 | rater), long)))
answers$variance_components <- setNames(as.list(components$vcov), components$grp)

# Limits of agreement of the two readings: each weighs alike, by clinic; the root of the variance on the log scale.
agreement <- transform(hips, apart = after - before)
bias <- coef_test(lm(apart ~ 1, agreement), vcov = "CR2", cluster = agreement$clinic, test = "Satterthwaite")
agreement$square <- (agreement$apart - bias$beta)^2
square <- coef_test(lm(square ~ 1, agreement), vcov = "CR2", cluster = agreement$clinic, test = "Satterthwaite")
deviation <- sqrt(square$beta + bias$SE^2)
half <- qt(.975, bias$df_Satt) * bias$SE
factor <- exp(qt(.975, square$df_Satt) * square$SE / square$beta / 2)
reach <- qnorm(.975) * deviation
answers$agreement <- list(bias = bias$beta, deviation = deviation, upper = bias$beta + reach,
                          low = bias$beta + reach - sqrt(half^2 + (reach * (1 - 1 / factor))^2),
                          high = bias$beta + reach + sqrt(half^2 + (reach * (factor - 1))^2))

# The important change, by a rating made from the gain: the cut, the mean of "a little better" and the predicted gain,
# and the ends of 20,000 samples of clinics.
rated <- transform(hips, gain = after - before)
rated$rating <- 1 + (rated$gain + rated$person %% 7 - 3 >= 4) + (rated$gain + rated$person %% 7 - 3 >= 8)
rated$improved <- as.integer(rated$rating >= 2)
important <- function(clinics, times) {
  w <- times[match(rated$clinic, clinics)]
  cuts <- sort(unique(rated$gain))
  told <- sapply(cuts, function(cut) weighted.mean(rated$gain >= cut, w * rated$improved) -
                   weighted.mean(rated$gain >= cut, w * (1 - rated$improved)))
  fit <- suppressWarnings(glm(improved ~ gain, binomial, rated, w, control = glm.control(epsilon = 1e-12)))
  little <- rated$rating == 2
  c(cuts[which.max(round(told, 12))], weighted.mean(rated$gain[little], w[little]),
    (qlogis(weighted.mean(rated$improved, w)) - coef(fit)[[1]]) / coef(fit)[[2]])
}
set.seed(1)
drawn <- boot::boot(unique(rated$clinic), important, 20000, stype = "f")
answers$important_change <- list(answers = drawn$t0, correlation = cor(rated$gain, rated$rating, method = "spearman"),
                                 low = apply(drawn$t, 2, quantile, .025), high = apply(drawn$t, 2, quantile, .975))

# All visits in one model: hips within people within clinics, each hip read before and after. Every seventh later reading
# is left out. The means and their errors by clinic: CR2 of least squares in which each reading stands for itself.
hips$hip <- seq_len(nrow(hips))
visits <- rbind(transform(hips, visit = 0, reading = before), transform(hips, visit = 1, reading = after))
visits <- visits[!(visits$visit == 1 & visits$hip %% 7 == 0), ]
visits$cell <- interaction(visits$visit, visits$is_left)
exactly <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
repeated <- function(outcome, cell = visits$cell, asked = NULL) {
  visits$reading <- outcome
  visits$cell <- cell
  fit <- suppressMessages(lmer(reading ~ 0 + cell + (1 | hip) + (1 | person) + (1 | clinic), visits, control = exactly))
  root <- t(chol(as.matrix(crossprod(getME(fit, "A")) + diag(nrow(visits)))))
  white <- data.frame(y = forwardsolve(root, outcome), x = forwardsolve(root, model.matrix(fit)))
  test <- coef_test(lm(y ~ 0 + ., white), vcov = "CR2", cluster = visits$clinic, test = "Satterthwaite")
  more <- if (!is.null(asked)) {
    apart <- linear_contrast(lm(y ~ 0 + ., white), vcov = "CR2", cluster = visits$clinic, contrasts = asked,
                             test = "Satterthwaite")
    list(apart = apart$Est, apart_se = apart$SE, apart_df = apart$df)
  }
  parts <- as.data.frame(VarCorr(fit))
  c(more, list(components = parts$vcov[match(c("hip", "person", "clinic", "Residual"), parts$grp)],
       deviance = REMLcrit(fit), coefficients = unname(fixef(fit)), se = test$SE, df = test$df_Satt))
}
answers$repeated <- repeated(visits$reading)
# The mean of each clinic is taken out of every reading, so that clinics differ less than chance makes them.
answers$repeated_alike <- repeated(visits$reading - ave(visits$reading, visits$clinic))

# The same by type and side: a mean for each visit, side and type, in this order; left less right of the first type after
# the stretch, and the gain of its left hips.
by_type <- interaction(visits$visit, visits$is_left, visits$type)
asked <- matrix(0, 2, nlevels(by_type))
asked[1, c(4, 2)] <- c(1, -1)
asked[2, c(4, 3)] <- c(1, -1)
answers$repeated_by_type <- repeated(visits$reading, by_type, asked)

# Matched against mismatched.
outcome_model <- glm(responded ~ matched + before + age, binomial, hips)
with_it <- predict(outcome_model, transform(hips, matched = 1), type = "response")
without <- predict(outcome_model, transform(hips, matched = 0), type = "response")
chance <- predict(glm(matched ~ before + age, binomial, hips), type = "response")
weight <- ifelse(hips$matched == 1, 1 / chance, 1 / (1 - chance))
answers$observational <- list(
  logistic = unname(coef(outcome_model)),
  standardised = mean(with_it) - mean(without),
  weighted = weighted.mean(hips$responded[hips$matched == 1], weight[hips$matched == 1]) -
    weighted.mean(hips$responded[hips$matched == 0], weight[hips$matched == 0]),
  doubly_robust = mean(with_it + hips$matched * weight * (hips$responded - with_it)) -
    mean(without + (1 - hips$matched) * weight * (hips$responded - without)))

# Their intervals: each hip's influence by the stacked equations of both models and the rate, residuals and weights as
# if it had no part in the models, CR2 by person.
influence_of <- function(group) {
  own <- hips$matched == group
  given <- transform(hips, matched = group)
  m <- predict(outcome_model, given, type = "response")
  w <- ifelse(own, weight, 0)
  apart <- function(model) residuals(model, "response") / (1 - hatvalues(model))
  moved <- function(model) nrow(hips) * (model.matrix(model) * apart(model)) %*% vcov(model)
  at <- model.matrix(delete.response(terms(outcome_model)), given)
  turn <- ifelse(group == 1, -1, 1) * (w - own) * model.matrix(chance_model)
  alone <- w / (1 - hatvalues(chance_model))
  rate <- weighted.mean(hips$responded, w)
  list(standardised = m - mean(m) + moved(outcome_model) %*% colMeans(at * m * (1 - m)),
       weighted = (alone * (hips$responded - rate) + moved(chance_model) %*% colMeans(turn * (hips$responded - rate))) /
         mean(w),
       doubly_robust = m - mean(m + w * (hips$responded - m)) +
         alone * (hips$responded - m) / (1 - hatvalues(outcome_model)) +
         moved(outcome_model) %*% colMeans((1 - w) * at * m * (1 - m)) +
         moved(chance_model) %*% colMeans(turn * (hips$responded - m)))
}
chance_model <- glm(matched ~ before + age, binomial, hips)
between <- Map(`-`, influence_of(1), influence_of(0))
answers$observational_errors <- lapply(between, function(each) {
  test <- coef_test(lm(each ~ 1, data.frame(each = as.numeric(each))), vcov = "CR2", cluster = hips$person,
                    test = "Satterthwaite")
  list(se = test$SE, df = test$df_Satt)
})
# At the same first reading, class and clinic, clustered by clinic.
answers$ancova_alike <- clustered_ols(after ~ matched + before + factor(type) + factor(clinic), hips, "clinic")

# Clinics and time.
r <- c(0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24)
n <- c(47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360)
# True rates of clinics: the posterior of a beta-binomial model, integrated by Gauss and Legendre's rule (Golub and
# Welsch 1969) over the root of the correlation, uniform on 0 to .7, and the logit of the mean, itself uniform.
legendre <- function(k, low, high) {
  i <- seq_len(k - 1)
  jacobi <- matrix(0, k, k)
  jacobi[cbind(i, i + 1)] <- jacobi[cbind(i + 1, i)] <- i / sqrt(4 * i^2 - 1)
  found <- eigen(jacobi, symmetric = TRUE)
  list(at = (low + high) / 2 + (high - low) / 2 * found$values, weight = (high - low) * found$vectors[1, ]^2)
}
clinic_x <- c(12, 18, 24, 30, 36, 42, 48)
root <- legendre(100, 0, .7)
middle <- legendre(160, -5, 5)
grid <- expand.grid(root = root$at, logit = middle$at)
mean_rate <- plogis(grid$logit)
size <- 1 / grid$root^2 - 1
shape1 <- mean_rate * size
shape2 <- (1 - mean_rate) * size
height <- rowSums(sapply(clinic_x, function(x) lbeta(shape1 + x, shape2 + 60 - x) - lbeta(shape1, shape2)))
weight <- exp(height - max(height)) * mean_rate * (1 - mean_rate) * c(outer(root$weight, middle$weight))
weight <- weight / sum(weight)
limit <- function(x, share) {
  uniroot(function(p) sum(weight * pbeta(p, shape1 + x, shape2 + 60 - x)) - share, c(0, 1), tol = 1e-13)$root
}
answers$true_rates <- list(rates = sapply(clinic_x, function(x) sum(weight * (shape1 + x) / (shape1 + shape2 + 60))),
                           low = sapply(clinic_x, limit, share = .025), high = sapply(clinic_x, limit, share = .975))
arcsine <- escalc(measure = "PAS", xi = r, ni = n)
answers$arcsine <- list(y = as.numeric(arcsine$yi), v = as.numeric(arcsine$vi))
# Whether clinics differ: each clinic's variance is that of the rate of all.
pooled_variance <- sum(r) / sum(n) * (1 - sum(r) / sum(n)) / n
apart <- rma(r / n, pooled_variance, method = "DL", control = list(tau2.max = 1))
profile <- confint(apart, level = 90, digits = 12, control = list(tol = 1e-14, tau2.max = 1))
answers$heterogeneity <- list(q = apart$QE, p = apart$QEp, tau = sqrt(apart$tau2),
                              low = profile$random[2, 2], high = profile$random[2, 3])

# Missing outcomes.
pooled <- pool.scalar(c(.50, .54, .52, .47, .56), c(.004, .0042, .0041, .0039, .0043), n = 61, k = 1)
answers$rubin <- pooled[c("qbar", "t", "df")]
packages <- c("base", "survey", "geepack", "clubSandwich", "lme4", "metafor", "psych", "boot", "mice")
answers$versions <- as.list(sapply(packages, function(name) as.character(packageVersion(name))))
cat(jsonlite::toJSON(lapply(answers, function(x) if (is.list(x)) lapply(x, unname) else x),
                     digits = 12, auto_unbox = TRUE, pretty = TRUE), "\n")
