# What R keeps in columns: written to kinds-r.rds, and two tables in one file to two-r.rda. Called by make.sh.
here <- commandArgs(TRUE)[1]
d <- data.frame(
  ID = c("001", "Zo\u00eb", NA), Side = factor(c("left", "right", NA), levels = c("right", "left")),
  Day = as.Date(c("2024-03-02", NA, "2024-07-04")), IR = c(12.5, NA, 14), n = c(1L, NA, 3L), ok = c(TRUE, NA, FALSE)
)
d$at <- as.POSIXct(c("2024-03-02 10:05", NA, "2024-07-04 10:05"), tz = "UTC")
attr(d$at, "tzone") <- "America/New_York"
d$Lab <- haven::labelled(c(1, 2, 9), c(left = 1, right = 2))
d$seq <- 1:3
d$many <- list(1, 2:3, "a")
rownames(d) <- c("p1", "p2", "p3")
saveRDS(d, file.path(here, "kinds-r.rds"))
e <- d
save(d, e, file = file.path(here, "two-r.rda"))
