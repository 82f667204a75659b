"""`mizan demo` plays its whole story on an empty folder, and the books balance at the end."""

import re
from pathlib import Path

from tests.api.cli.processes import run

STORY_SECONDS_MAX = 240.0
FAILOVER = """\
 6. A supplier is out of stock, and another one delivers
    reloadly and tango both sell Nakheel Market: Nakheel Market 50, Nakheel Market 100, Nakheel\
 Market of the second are sold as Nakheel Market card of the first (matched by rule).
    Members see one reward, with the faces 50.00, 100.00, 200.00, 500.00.
    Lamha Games Plus 100 only may be Lamha Games wallet (brand, title): the operator keeps it\
 apart, for good.
    reloadly runs out of the card, and its catalogue does not say so.
    Nakheel Market card: 50.50 SAR (face 50.00, fee 1.50, discount -1.00).
      reloadly 7001: 49.50 SAR; health 100
      tango U700101: 13.34 USD, which is 50.02 SAR; health 100
      tango U700103: 13.34 USD, which is 50.02 SAR; health 100
      tango U700102: does not sell this face
    reloadly is chosen, as it costs the network least and is in good standing.
    reloadly refuses for certain, PRODUCT_OUT_OF_STOCK: nothing was ordered there.
    tango delivers for 13.34 USD; Layla pays 50.50, as was quoted.
    Orders taken: reloadly none, tango one. There is one card and one charge.
      member_available      50.50 SAR
      fx_position          -50.02 SAR
      fx_position           13.34 USD
      supplier_payable     -13.34 USD
      redemption_margin     -0.48 SAR
    Of the price the network keeps 0.48; from reloadly it would have been 1.00.
    The code is revealed once, ending CODE, and that is recorded. Again: The code was shown before;\
 it is shown once only.
    Layla, available: 555.97 → 505.47
    Layla, held: 0.00 → 0.00
"""


def test_the_story_is_played_to_its_end(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", seconds_max=STORY_SECONDS_MAX)

    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    chapters = [int(one) for one in re.findall(r"^ ?(\d+)\. ", done.stdout, re.MULTILINE)]
    assert chapters == list(range(12))
    told = re.sub(r"ending \d{4}, and", "ending CODE, and", done.stdout)
    assert told[told.index(" 6. A supplier") : told.index("\n 7. ")] == FAILOVER
    assert "    USD: debits 13.34 = credits 13.34.\n" in told
    assert done.stdout.rstrip().endswith("Every answer is good: the books balance.")
