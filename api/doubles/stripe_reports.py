"""Report runs at the Stripe double: balance transactions of a period as a CSV file."""

from api.doubles.stripe_call import Call
from api.doubles.stripe_contract import Json, StripeError, missing
from api.doubles.stripe_csv import REPORTS, lay_out, zone_of
from api.doubles.stripe_people import require_platform
from api.doubles.stripe_store import PLATFORM, make_id

_YEAR = 365 * 86_400
_PARAMETERS = (
    "columns",
    "connected_account",
    "currency",
    "interval_end",
    "interval_start",
    "payout",
    "reporting_category",
    "timezone",
)


def _type(call: Call, name: str) -> Json:
    return {
        "id": name,
        "object": "reporting.report_type",
        "data_available_end": call.now,
        "data_available_start": 0,
        "default_columns": list(REPORTS[name].columns),
        "livemode": False,
        "name": REPORTS[name].title,
        "updated": call.now,
        "version": int(name.rpartition(".")[2]),
    }


def list_report_types(call: Call) -> Json:
    """List the reports that can be run."""
    return {
        "object": "list",
        "data": [_type(call, name) for name in sorted(REPORTS)],
        "has_more": False,
        "url": "/v1/reporting/report_types",
    }


def get_report_type(call: Call) -> Json:
    """Read what a report has and up to when."""
    if call.ids["report_type"] not in REPORTS:
        raise missing("report type", call.ids["report_type"])
    return _type(call, call.ids["report_type"])


def create_report_run(call: Call) -> Json:
    """Ask for a report; its file is there a moment later."""
    require_platform(call)
    name = call.params["report_type"]
    asked = call.params.get("parameters", {})
    if name not in REPORTS:
        raise StripeError(f"Unknown report type: {name}", param="report_type")
    _check(call, name, asked)
    run: Json = {
        "id": make_id("frr"),
        "object": "reporting.report_run",
        "created": call.now,
        "error": None,
        "livemode": False,
        "parameters": {key: asked[key] for key in _PARAMETERS if key in asked},
        "report_type": name,
        "result": None,
        "status": "pending",
        "succeeded_at": None,
    }
    call.store.put(run)
    call.store.plan("report_run", run["id"])
    return run


def _check(call: Call, name: str, asked: Json) -> None:
    for key in ("interval_start", "interval_end"):
        if key not in asked:
            raise StripeError(
                f"Missing required param: parameters[{key}].",
                code="parameter_missing",
                param=f"parameters[{key}]",
            )
    if not asked["interval_start"] < asked["interval_end"] <= call.now:
        raise StripeError(
            "The interval must end after it starts, and within the data that is available.",
            param="parameters[interval_end]",
        )
    unknown = set(asked.get("columns", ())) - set(REPORTS[name].columns)
    if unknown:
        raise StripeError(f"Unknown column: {min(unknown)}", param="parameters[columns]")
    zone_of(asked.get("timezone", "Etc/UTC"))
    if "payout" in asked:
        raise StripeError("This report is not of one payout.", param="parameters[payout]")
    if "connected_account" in asked:
        call.store.get("account", asked["connected_account"])


def finish_run(call: Call, run: Json) -> None:
    """Write the file of a report that was asked for; written twice it would be the same."""
    if run["status"] != "pending":
        return
    account = run["parameters"].get("connected_account", PLATFORM)
    text = lay_out(call.store, run["report_type"], run["parameters"], account)
    content = text.encode("utf-8-sig")
    file: Json = {
        "id": make_id("file"),
        "object": "file",
        "created": call.now,
        "expires_at": call.now + _YEAR,
        "filename": f"{run['id']}.csv",
        "links": None,
        "purpose": "finance_report_run",
        "size": len(content),
        "title": f"FileUpload {run['id']}",
        "type": "csv",
        "url": None,
    }
    call.store.put(file)
    call.store.set_setting(f"content:{file['id']}", text)
    run.update(status="succeeded", succeeded_at=call.now, result=file)
    call.store.put(run)
    call.emit("reporting.report_run.succeeded", run)


def _with_url(call: Call, file: Json | None) -> Json | None:
    if file is None:
        return None
    return {**file, "url": f"{call.origin}/v1/files/{file['id']}/contents"}


def _shown(call: Call, run: Json) -> Json:
    return {**run, "result": _with_url(call, run["result"])}


def get_report_run(call: Call) -> Json:
    """Read a report run, and where its file is."""
    return _shown(call, call.store.get("reporting.report_run", call.ids["report_run"]))


def list_report_runs(call: Call) -> Json:
    """List report runs."""
    page = call.list("reporting.report_run", "/v1/reporting/report_runs")
    page["data"] = [_shown(call, run) for run in page["data"]]
    return page


def get_file(call: Call) -> Json:
    """Read what a file is; its content is at its address."""
    file = _with_url(call, call.store.get("file", call.ids["file"]))
    assert file is not None
    return file


def content_of(call: Call, object_id: str) -> bytes:
    """Read a file, as Stripe writes it: with a byte order mark and CRLF."""
    call.store.get("file", object_id)
    text: str = call.store.setting(f"content:{object_id}", "")
    return text.encode("utf-8-sig")
