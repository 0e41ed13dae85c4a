#pragma once

#include <array>
#include <string>
#include <string_view>

#include "simulator/model.h"

namespace doorward::simulator {

/// A text of a user under each of its names.
struct UserAttribute {
  std::string User::* member;
  std::string_view name;    ///< In the API, in forms and in the state file.
  std::string_view source;  ///< In attribute mappings.
  std::string_view label;   ///< On the page.
};

/// In the order of the page; the manager, who is another user, comes on top of them.
inline constexpr std::array<UserAttribute, 18> kUserAttributes{{
    {&User::user_principal_name, "user_principal_name", "userPrincipalName", "User principal name"},
    {&User::display_name, "display_name", "displayName", "Display name"},
    {&User::mail_nickname, "mail_nickname", "mailNickname", "Mail nickname"},
    {&User::given_name, "given_name", "givenName", "First name"},
    {&User::surname, "surname", "surname", "Last name"},
    {&User::job_title, "job_title", "jobTitle", "Job title"},
    {&User::department, "department", "department", "Department"},
    {&User::employee_id, "employee_id", "employeeId", "Employee ID"},
    {&User::mail, "mail", "mail", "Email"},
    {&User::telephone_number, "telephone_number", "telephoneNumber", "Business phone"},
    {&User::mobile, "mobile", "mobile", "Mobile phone"},
    {&User::fax, "fax", "facsimileTelephoneNumber", "Fax number"},
    {&User::street_address, "street_address", "streetAddress", "Street address"},
    {&User::city, "city", "city", "City"},
    {&User::state, "state", "state", "State or province"},
    {&User::postal_code, "postal_code", "postalCode", "ZIP or postal code"},
    {&User::country, "country", "country", "Country or region"},
    {&User::preferred_language, "preferred_language", "preferredLanguage", "Preferred language"},
}};

}  // namespace doorward::simulator
