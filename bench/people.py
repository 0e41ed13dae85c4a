"""The employees of seed_employees, by number: both sides must agree about names and external ids."""

import dataclasses
import uuid

GIVEN_NAMES = "Ada Ben Chiara David Elif Farah Goran Hannah Ivan Jana Kofi Lena Mateo Nora Omar Priya".split()
FAMILY_NAMES = (
    "Almeida Baker Chen Diallo Eriksen Fischer Garcia Haddad Ito Jensen Kowalski Lopez Moreau Nguyen Okafor Petrov"
).split()

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

_BITS = (1 << 64) - 1


def _scattered(number):
    number = (number + 0x9E3779B97F4A7C15) & _BITS
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _BITS
    return number ^ (number >> 31)


@dataclasses.dataclass
class Person:
    number: int
    given_name: str
    family_name: str
    user_name: str
    external_id: str

    def resource(self):
        """What Entra posts to create them."""
        name = f"{self.given_name} {self.family_name}"
        return {
            "schemas": [USER, ENTERPRISE_USER],
            "externalId": self.external_id,
            "userName": self.user_name,
            "active": True,
            "displayName": name,
            "emails": [{"primary": True, "type": "work", "value": self.user_name}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": name, "familyName": self.family_name, "givenName": self.given_name},
            "title": "Engineer",
            "preferredLanguage": "en-GB",
            ENTERPRISE_USER: {
                "employeeNumber": str(self.number), "department": "Engineering", "costCenter": "4711",
            },
        }


def person(number):
    name = _scattered(number)
    given_name = GIVEN_NAMES[name % len(GIVEN_NAMES)]
    family_name = FAMILY_NAMES[(name >> 8) % len(FAMILY_NAMES)]
    external_id = uuid.UUID(int=_scattered(2 * number) << 64 | _scattered(2 * number + 1))
    user_name = f"{given_name}.{family_name}.{number}@contoso.example"
    return Person(number, given_name, family_name, user_name, str(external_id))
