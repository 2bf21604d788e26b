"""What would break: an accepted photo lost with the server, or a server that cannot be stopped."""

from tests.web.conftest import Real


def test_what_a_killed_server_had_begun_the_next_one_does(real: Real) -> None:
    """Killed as a power cut does it, while the photo was read; same address, whole report."""
    assert real.killed_at == "running"
    assert real.report["schema"] == "certcheck.report/1"
    assert (real.report["verdict"], real.report["error"]) == ("inconsistent", None)


def test_a_server_that_is_told_to_stop_stops(real: Real) -> None:
    assert real.exit_status == 0
