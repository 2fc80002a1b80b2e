"""A live REDCap project, here a small server on this machine: whole records or a plain word, and never the token."""

import json
import stat
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from analysis import load
from analysis.intake import redcap as fetching
from analysis.intake.redcap import RedcapError, fetch_redcap

TOKEN = "0123456789ABCDEF" * 2
FIELDS = [{"field_name": name, "form_name": "hip"} for name in ("record_id", "side", "ir", "note")]
RECORDS = """record_id,redcap_event_name,redcap_data_access_group,side,ir,note,hip_complete
001,baseline_arm_1,north,1,12.5,"Müller, a line
and another",2
001,post_arm_1,north,1,19,,2
"""
STUDY = """
name = "Live"
[[source]]
file = "records.csv"
[source.columns]
patient_id = "record_id"
clinic_id = "redcap_data_access_group"
timepoint = "redcap_event_name"
side = "side"
hip_ir_deg = "ir"
[source.values.timepoint]
baseline = ["baseline_arm_1"]
post = ["post_arm_1"]
[source.values.side]
left = ["1"]
"""


class _Redcap(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        asked = {key: value[0] for key, value in parse_qs(self.rfile.read(length).decode()).items()}
        self.server.asked.append(asked)
        status, kind, content = self.server.answers[asked["content"]]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", "/elsewhere/api/")
        self.send_header("Content-Length", str(len(content) + self.server.cut))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    """A project with one patient; a test may change what it answers to each kind of question."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    httpd = HTTPServer(("127.0.0.1", 0), _Redcap)
    httpd.asked, httpd.cut = [], 0
    httpd.answers = {
        "metadata": (200, "application/json", json.dumps(FIELDS).encode()),
        "record": (200, "text/csv", RECORDS.encode()),  # no charset, as REDCap before 13 sends it
    }
    httpd.environment = {"REDCAP_URL": f"http://127.0.0.1:{httpd.server_port}/api", "REDCAP_TOKEN": TOKEN}
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield httpd
    httpd.shutdown()
    httpd.server_close()


def test_the_records_become_a_file_to_the_byte(server, tmp_path):
    out = tmp_path / "live" / "records.csv"
    assert len(fetch_redcap(out, server.environment).rows) == 2
    assert out.read_bytes() == RECORDS.encode()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert list(out.parent.iterdir()) == [out]


def test_codes_unique_events_and_clinics_are_asked_for(server, tmp_path):
    fetch_redcap(tmp_path / "records.csv", server.environment)
    asked = server.asked[-1]
    wanted = {"content": "record", "format": "csv", "type": "flat", "eventName": "unique", "rawOrLabel": "raw"}
    assert asked.items() >= {**wanted, "rawOrLabelHeaders": "raw", "exportDataAccessGroups": "True"}.items()
    assert [asked.get("exportSurveyFields"), asked["token"]] == [None, TOKEN]


def test_the_file_goes_through_the_ordinary_readers(server, tmp_path):
    fetch_redcap(tmp_path / "records.csv", server.environment)
    (tmp_path / "study.toml").write_text(STUDY)
    visits = load(tmp_path).assessments
    columns = ["patient_id", "clinic_id", "timepoint", "hip_ir_deg", "source_row"]
    assert visits[columns].values.tolist() == [["001", "north", "baseline", 12.5, 2], ["001", "north", "post", 19.0, 4]]


def test_a_mark_of_utf8_is_no_part_of_the_first_name(server, tmp_path):
    server.answers["record"] = (200, "text/csv", b"\xef\xbb\xbf" + RECORDS.encode())
    assert fetch_redcap(tmp_path / "records.csv", server.environment).cells.columns[0] == "record_id"


PAGE = b"<!DOCTYPE html><title>Login</title><p>Jane Doe</p>"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"record": (403, "text/csv", b'"ERROR: Jane Doe"')}, r"refuses the token.*\(answer 403\)"),
        ({"metadata": (403, "application/json", b'{"error": "Jane"}')}, r"refuses the token.*\(answer 403\)"),
        ({"record": (500, "text/html", PAGE)}, r"REDCap has a fault; try again later \(answer 500\)"),
        ({"record": (404, "text/html", PAGE)}, r"no such page.*\(answer 404\)"),
        ({"record": (307, "text/html", b"")}, r"the address has moved.*\(answer 307\)"),
        ({"record": (200, "text/html", PAGE)}, "a web page, not data"),
        ({"metadata": (200, "text/html", PAGE)}, "a web page, not data"),
        ({"metadata": (200, "application/json", b"{}")}, "no project's data"),
        ({"metadata": (200, "application/json", b"[]")}, "no project's data"),
        ({"metadata": (200, "application/json", b"Jane")}, "no project's data"),
        ({"record": (200, "text/csv", b"ERROR: Jane Doe")}, "no project's data"),
        ({"record": (200, "text/csv", "Müller,1".encode("latin-1"))}, "not UTF-8"),
        ({"record": (200, "text/csv", RECORDS.encode()[:-10])}, r"not whole from line 4 on"),
        ({"record": (200, "text/csv", RECORDS.splitlines()[0].encode())}, "no records"),
        ({"record": (200, "text/csv", b"note,ir\nJane,2\n")}, "no table of records"),
        ({"record": (200, "text/csv", b"")}, "not whole"),
    ],
)
def test_what_is_no_whole_table_of_records_is_refused(server, tmp_path, answers, words):
    server.answers |= answers
    with pytest.raises(RedcapError, match=words) as refused:
        fetch_redcap(tmp_path / "records.csv", server.environment)
    assert not {"Jane", "Müller", TOKEN} & set(str(refused.value).replace(",", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_breaks_off_leaves_nothing(server, tmp_path):
    server.cut = 10  # more is announced than is sent
    with pytest.raises(RedcapError, match="cannot be reached, or broke off"):
        fetch_redcap(tmp_path / "records.csv", server.environment)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer(server, tmp_path, monkeypatch):
    held = HTTPServer(("127.0.0.1", 0), _Redcap)  # listens, and nobody serves
    monkeypatch.setattr(fetching, "_SECONDS", (5, 0.1))
    environment = server.environment | {"REDCAP_URL": f"http://127.0.0.1:{held.server_port}/api/"}
    with pytest.raises(RedcapError, match="too long"):
        fetch_redcap(tmp_path / "records.csv", environment)
    held.server_close()
    with pytest.raises(RedcapError, match="cannot be reached"):
        fetch_redcap(tmp_path / "records.csv", environment)


def test_a_file_that_is_there_is_never_overwritten(server, tmp_path, monkeypatch):
    out = tmp_path / "records.csv"
    out.write_text("mine")
    with pytest.raises(FileExistsError, match=r"^records\.csv is there already"):
        fetch_redcap(out, server.environment)
    assert server.asked == []
    out.unlink()
    asked = fetching._ask

    def meanwhile(url, token):
        out.write_text("another's")
        return asked(url, token)

    monkeypatch.setattr(fetching, "_ask", meanwhile)
    with pytest.raises(FileExistsError):
        fetch_redcap(out, server.environment)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["another's"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"REDCAP_URL": ""}, "REDCAP_URL is not set"),
        ({"REDCAP_TOKEN": ""}, "REDCAP_TOKEN is not set"),
        ({"REDCAP_TOKEN": TOKEN[:-1]}, "REDCAP_TOKEN is not a project's token"),
        ({"REDCAP_TOKEN": TOKEN[:-1] + "G"}, "REDCAP_TOKEN is not a project's token"),
        ({"REDCAP_URL": TOKEN}, "REDCAP_URL is not the address of an API"),
        ({"REDCAP_URL": "https://redcap.example.org/"}, "REDCAP_URL is not the address of an API"),
        ({"REDCAP_URL": "http://redcap.example.org/api/"}, "would send the token unprotected"),
    ],
)
def test_an_environment_that_does_not_do(tmp_path, changed, words):
    environment = {"REDCAP_URL": "https://redcap.example.org/api/", "REDCAP_TOKEN": TOKEN} | changed
    with pytest.raises(ValueError, match=words) as refused:
        fetch_redcap(tmp_path / "records.csv", environment)
    assert TOKEN[:-1] not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_only_csv_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"^records\.xlsx: name a file that ends in \.csv"):
        fetch_redcap(tmp_path / "records.xlsx", {})


def test_without_pycap_its_extra_is_named(server, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "redcap", None)
    with pytest.raises(ValueError, match=r"capsule-outcomes\[redcap\]"):
        fetch_redcap(tmp_path / "records.csv", server.environment)
