"""The console has words for every finding that an attempt record can hold."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def codes(path, pattern):
    return set(re.findall(pattern, (ROOT / path).read_text()))


class Findings(unittest.TestCase):
    def test_the_console_knows_the_servers_findings(self):
        known = codes("web/src/findings.ts", r"'((?:identity|session|saml)\.\w+)': ")
        verification = codes("src/saml/protocol/finding.cpp", r'"(saml\.\w+)"')
        # Of other records than sign-ins.
        verification = {code for code in verification if not code.startswith(("saml.metadata_", "saml.logout_"))}
        identity = codes("src/directory/identity.cpp", r'"(identity\.\w+)"')
        self.assertGreater(len(verification), 50)
        self.assertGreater(len(identity), 10)
        flow = {"session.no_flow", "saml.replayed"}
        self.assertEqual(known, verification | identity | flow)


if __name__ == "__main__":
    unittest.main()
