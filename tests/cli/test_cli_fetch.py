"""Fetching from REDCap ends with a line, whatever happens; tests/intake/test_intake_redcap.py has a server to ask."""

import pytest


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("REDCAP_URL", "http://127.0.0.1:9/api/")  # the port of the discard service: nobody listens
    monkeypatch.setenv("REDCAP_TOKEN", "0123456789ABCDEF" * 2)


@pytest.mark.usefixtures("environment")
def test_a_server_out_of_reach_is_3(capsule, tmp_path):
    code, out, err = capsule("fetch-redcap", "--out", tmp_path / "records.csv")
    assert [code, out] == [3, ""]
    assert err == "capsule: the server cannot be reached, or broke off; check REDCAP_URL and the connection\n"


def test_wrong_use_is_2(capsule, tmp_path, environment, monkeypatch):
    (tmp_path / "records.csv").touch()
    code, _, err = capsule("fetch-redcap", "--out", tmp_path / "records.csv")
    assert [code, "is there already" in err] == [2, True]
    monkeypatch.delenv("REDCAP_TOKEN")
    code, _, err = capsule("fetch-redcap", "--out", tmp_path / "new.csv")
    assert [code, "REDCAP_TOKEN is not set" in err] == [2, True]
