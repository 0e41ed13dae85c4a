#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "simulator/model.h"
#include "simulator/ui.h"

/// How the choices of the model are called: `word` in the API, in forms and in the state file, `label` on
/// pages.
namespace doorward::simulator {

template <class Enum>
struct Word {
  Enum value;
  const char* word;
  const char* label;
};

template <class Enum>
inline constexpr std::array<Word<Enum>, 0> kWords{};

template <>
inline constexpr std::array<Word<SigningOption>, 3> kWords<SigningOption>{{
    {SigningOption::Assertion, "assertion", "Sign SAML assertion"},
    {SigningOption::Response, "response", "Sign SAML response"},
    {SigningOption::Both, "both", "Sign SAML response and assertion"},
}};

template <>
inline constexpr std::array<Word<NameIdFormat>, 4> kWords<NameIdFormat>{{
    {NameIdFormat::EmailAddress, "emailAddress", "Email address"},
    {NameIdFormat::Persistent, "persistent", "Persistent"},
    {NameIdFormat::Unspecified, "unspecified", "Unspecified"},
    {NameIdFormat::Transient, "transient", "Transient"},
}};

template <>
inline constexpr std::array<Word<NameIdSource>, 3> kWords<NameIdSource>{{
    {NameIdSource::UserPrincipalName, "userprincipalname", "user.userprincipalname"},
    {NameIdSource::Mail, "mail", "user.mail"},
    {NameIdSource::ObjectId, "objectid", "user.objectid"},
}};

template <>
inline constexpr std::array<Word<ContentCipher>, 2> kWords<ContentCipher>{{
    {ContentCipher::Aes256Cbc, "aes256-cbc", "AES-256-CBC"},
    {ContentCipher::Aes256Gcm, "aes256-gcm", "AES-256-GCM"},
}};

template <>
inline constexpr std::array<Word<ManagerForm>, 3> kWords<ManagerForm>{{
    {ManagerForm::Text, "string", "As a string"},
    {ManagerForm::Object, "object", "As an object with value"},
    {ManagerForm::Reference, "reference", "As a list with $ref and value"},
}};

template <>
inline constexpr std::array<Word<ProvisioningAction>, 5> kWords<ProvisioningAction>{{
    {ProvisioningAction::Create, "create", "Create"},
    {ProvisioningAction::Update, "update", "Update"},
    {ProvisioningAction::Disable, "disable", "Disable"},
    {ProvisioningAction::Delete, "delete", "Delete"},
    {ProvisioningAction::Other, "other", "Other"},
}};

template <>
inline constexpr std::array<Word<ProvisioningStatus>, 3> kWords<ProvisioningStatus>{{
    {ProvisioningStatus::Success, "success", "Success"},
    {ProvisioningStatus::Failure, "failure", "Failure"},
    {ProvisioningStatus::Skipped, "skipped", "Skipped"},
}};

template <class Enum>
const Word<Enum>& entry(Enum value) {
  for (const Word<Enum>& candidate : kWords<Enum>) {
    if (candidate.value == value) return candidate;
  }
  return kWords<Enum>.front();
}

template <class Enum>
std::string_view word(Enum value) {
  return entry(value).word;
}

template <class Enum>
std::string_view label(Enum value) {
  return entry(value).label;
}

template <class Enum>
Result<Enum> parse_word(std::string_view text) {
  std::string known;
  for (const Word<Enum>& candidate : kWords<Enum>) {
    if (candidate.word == text) return candidate.value;
    known += known.empty() ? "" : ", ";
    known += candidate.word;
  }
  return fail(ErrorKind::InvalidInput, "simulator.choice", "The value must be one of: " + known + ".");
}

template <class Enum>
std::vector<ui::Choice> choices() {
  std::vector<ui::Choice> all;
  all.reserve(kWords<Enum>.size());
  for (const Word<Enum>& candidate : kWords<Enum>)
    all.push_back({candidate.word, candidate.label});
  return all;
}

}  // namespace doorward::simulator
