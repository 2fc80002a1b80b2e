"""The mixed model against matrices written out, where a component is 0, and where nothing can be fitted."""

from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm

from analysis.stats import mixed_model
from analysis.stats.mixed_model import fit_mixed_model, whitened
from analysis.stats.repeated_means import repeated_means


def nested(seed, clinic_sd=1.0):
    """Readings of two visits and the groups within groups that they belong to; one in four hips has one reading."""
    rng = np.random.default_rng(seed)
    hip = np.repeat(np.arange(60), np.where(np.arange(60) % 4, 2, 1))
    person, clinic = hip // 2, hip // 10
    visit = np.append(np.diff(hip) == 0, False).astype(float)
    spread = [(hip, 1.5), (person, 2.0), (clinic, clinic_sd)]
    shared = sum(rng.normal(0, sd, group.max() + 1)[group] for group, sd in spread)
    return 20 + visit + shared + rng.normal(0, 1, len(hip)), visit, [hip, person, clinic]


def written_out(readings, design, levels, ratios):
    """Return −2 × the restricted log-likelihood at the best last component, by the n × n covariance."""
    ones = [np.eye(group.max() + 1)[group] for group in levels]
    covariance = np.eye(len(readings)) + sum(ratio * z @ z.T for ratio, z in zip(ratios, ones, strict=True))
    inverse, free = np.linalg.inv(covariance), len(readings) - design.shape[1]
    inner = design.T @ inverse @ design
    left = readings - design @ np.linalg.solve(inner, design.T @ inverse @ readings)
    volume = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(inner)[1]
    return volume + free * (1 + np.log(2 * np.pi * (left @ inverse @ left) / free))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_components_fit_better_than_those_found(seed):
    readings, visit, levels = nested(seed)
    design = np.column_stack([np.ones(len(visit)), visit])
    fit = fit_mixed_model(readings, design, levels)
    ratios = fit.components[:-1] / fit.components[-1]
    assert fit.deviance == pytest.approx(written_out(readings, design, levels, ratios), abs=1e-9)
    for place in range(3):
        for factor in (0.98, 1.02):
            others = ratios * np.where(np.arange(3) == place, factor, 1) + (ratios == 0) * (factor - 0.98)
            assert written_out(readings, design, levels, others) >= fit.deviance


def test_a_component_of_0_is_found_as_0():
    readings, visit, levels = nested(4, clinic_sd=0)
    means = np.bincount(levels[2], readings) / np.bincount(levels[2])
    readings = readings - means[levels[2]]  # clinics differ less than chance makes them
    fit = fit_mixed_model(readings, np.column_stack([np.ones(len(visit)), visit]), levels)
    assert fit.reason == ""
    assert fit.components[2] == 0
    assert (fit.components[[0, 1, 3]] > 0).all()


def test_it_is_the_fit_of_statsmodels():
    readings, visit, levels = nested(5)
    hip, person, _ = levels
    design = np.column_stack([np.ones(len(visit)), visit])
    model = sm.MixedLM(readings, design, person, exog_re=np.ones((len(hip), 1)),
                       exog_vc=hips_of_each_person(hip, person))  # fmt: skip
    theirs = model.fit(method="powell", reml=True)
    ours = fit_mixed_model(readings, design, [hip, person])
    # Their search ends when it moves little; the components agree to as many digits as that allows.
    assert [theirs.vcomp[0], theirs.cov_re[0, 0], theirs.scale] == pytest.approx(ours.components, rel=1e-3)
    assert theirs.fe_params == pytest.approx(np.linalg.lstsq(ours.design, ours.outcome)[0], rel=1e-5)


def hips_of_each_person(hip, person):
    mats = [np.eye(60)[hip[person == who]][:, np.unique(hip[person == who])] for who in np.unique(person)]
    names = [[f"{column}" for column in range(mat.shape[1])] for mat in mats]
    return sm.regression.mixed_linear_model.VCSpec(["hip"], [names], [mats])


def test_whitened_readings_have_the_inverse_covariance():
    readings, visit, levels = nested(6)
    columns = np.column_stack([readings, visit])
    ones = [np.eye(group.max() + 1)[group] for group in levels]
    covariance = np.eye(len(hips := readings)) + sum(
        ratio * z @ z.T for ratio, z in zip((0.5, 0.0, 2.0), ones, strict=True)
    )
    white = whitened(columns, levels, (0.5, 0.0, 2.0))
    assert white.T @ white == pytest.approx(columns.T @ np.linalg.inv(covariance) @ columns)
    assert len(hips) == len(white)


def test_a_search_that_ends_anywhere_is_no_answer(monkeypatch):
    readings, visit, levels = nested(7)
    monkeypatch.setattr(
        mixed_model.scipy.optimize, "minimize", lambda fun, start, **_: SimpleNamespace(x=start, fun=fun(start)[0])
    )
    fit = fit_mixed_model(readings, np.ones((len(visit), 1)), levels)
    assert fit.reason == "the search for the variances did not converge"
    assert np.isnan(fit.components).all()


def test_balanced_means_are_plain_means():
    readings = np.array([10.0, 14, 20, 23, 12, 17, 15, 15])
    visit, hip = np.tile([0, 1], 4), np.repeat(np.arange(4), 2)
    found = repeated_means(readings, visit, hip, hip // 2)
    assert [mean.value for mean in found.combinations] == pytest.approx([57 / 4, 69 / 4])
    assert list(found.deviations) == ["hip", "person", "reading"]


def test_a_level_that_divides_as_another_does_is_left_out():
    visit, hip = np.tile([0, 1], 4), np.repeat(np.arange(4), 2)
    found = repeated_means([10.0, 14, 20, 23, 12, 17, 15, 15], visit, hip, hip)
    assert list(found.deviations) == ["hip", "reading"]


def test_a_mean_that_one_clinic_alone_tells_has_no_answer():
    readings, visit, (hip, person, clinic) = nested(8)
    cell = np.where(clinic == 2, 2, visit).astype(int)
    found = repeated_means(readings, cell, hip, person, clinic, asked=[[0, 1, 0], [0, 0, 1], [0, 1, -1]])
    assert found.clustered_by == "clinic"
    assert found.told.tolist() == [True, True, False]
    assert np.isfinite(found.combinations[0].interval).all()
    assert np.isnan([found.combinations[1].value, found.combinations[2].value]).all()


def test_hips_that_are_not_seen_again_read_as_those_that_began_alike():
    """All gain 5, but those that began below 20 are not seen again: the means of those seen are 5 + 4 apart."""
    rng = np.random.default_rng(9)
    level = rng.normal(20, 5, 400)
    before, after = level + rng.normal(0, 1, 400), level + 5 + rng.normal(0, 1, 400)
    seen = before >= 20
    visit, hip = np.repeat([0, 1], [400, seen.sum()]), np.append(np.arange(400), np.flatnonzero(seen))
    found = repeated_means(np.append(before, after[seen]), visit, hip, hip, asked=[[-1, 1]])
    assert found.combinations[0].value == pytest.approx(5, abs=0.3)
    assert after[seen].mean() - before.mean() > 8.5


def test_a_missing_reading_must_be_left_out():
    with pytest.raises(ValueError, match="missing or infinite"):
        repeated_means([1.0, np.nan], [0, 1], [1, 1], [1, 1])
