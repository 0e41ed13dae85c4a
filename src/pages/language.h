#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace doorward::pages {

/// The languages that employees' pages exist in. To add one, add it here and fill a table in phrases.cpp.
enum class Language : std::uint8_t { English, German };

/// The best of `Accept-Language` (RFC 9110 section 12.5.4) that we have; English otherwise.
Language negotiate(std::optional<std::string_view> accept_language);

/// For the `lang` attribute: `en`, `de`.
std::string_view language_tag(Language language);

/// Everything that employees' pages say. A `{}` in a phrase takes a value.
enum class Phrase : std::uint16_t {
  SignIn,
  SignInTo,
  EmailAddress,
  EmailHint,
  Continue,
  Password,
  SignInWithPassword,
  SignInWithCompany,
  OtherAddress,
  OrPassword,
  WrongEmailOrPassword,
  EmailMissing,
  ForgotPassword,
  SignedInAs,
  Welcome,
  Account,
  AccountHint,
  Department,
  UserName,
  SignedInBy,
  ByProvider,
  ByPassword,
  AdministratorRights,
  Yes,
  No,
  YourSignIns,
  YourSignInsHint,
  ThisDevice,
  LastUsed,
  EndSignIn,
  EndOtherSignIns,
  SignOut,
  OpenConsole,
  OpenProfile,
  SignedOutTitle,
  SignedOutText,
  SignOutOf,
  SignedOutOf,
  SignedOutOfText,
  SignOutThereToo,
  SignInAgain,
  ToHomePage,
  ReferenceNumber,
  ReferenceHint,
  RequestNumber,
  RequestHint,
  WhatToDo,
  ContinueToProvider,
  ContinueToProviderHint,
  ContinueButton,
  TestPassedTitle,
  TestPassedText,
  TestNoSession,
  WhatWasReceived,
  Employee,
  ConsentTitle,
  ConsentText,
  ConsentReturn,
  WishIdentity,
  WishProfile,
  WishEmail,
  WishGroups,
  WishDepartments,
  WishOffline,
  Allow,
  DoNotAllow,
  OtherCompanyTitle,
  OtherCompanyText,
  SignOutTitle,
  SignOutAsked,
  SignOutEffect,
  StaySignedIn,
  ContinueToApplication,
  ChoosePassword,
  ChoosePasswordFor,
  NewPassword,
  NewPasswordHint,
  RepeatPassword,
  PasswordsDiffer,
  PasswordUnusable,
  SavePassword,
  EmergencyTitle,
  EmergencyText,
  EmergencyButton,
  ForgottenLink,
  ForgottenTitle,
  ForgottenText,
  ForgottenSend,
  ForgottenSentTitle,
  ForgottenSentText,
  Count,
};

std::string_view phrase(Language language, Phrase phrase);

/// The phrase with its `{}` replaced in order.
std::string phrase(Language language, Phrase phrase, std::initializer_list<std::string_view> values);

/// A moment as people read it, to the minute: `23 Nov 2026, 23:40 UTC`.
std::string moment(Language language, Timestamp time);

/// Why somebody could not come in, as far as they are told. The attempt record has the full story.
enum class Trouble : std::uint16_t {
  NoEmail,
  NotProvisioned,
  Deactivated,
  OutsideDomains,
  IdentityUnclear,
  Clock,
  WrongAccount,
  UnknownCertificate,
  NotTrusted,
  Unreadable,
  EncryptionUnsafe,
  ProviderRefused,
  TooOld,
  AlreadyUsed,
  OtherBrowser,
  Unsolicited,
  NotConfigured,
  ConnectionNotAccepted,
  PlanWithoutSso,
  PasswordClosed,
  TooManyAttempts,
  UnknownAccount,
  ApplicationDenied,
  UnknownApplication,
  WrongReturnAddress,
  RequestOver,
  LinkDead,
  CrossSite,
  NotFound,
  BadRequest,
  TooBusy,
  Internal,
  Count,
};

struct TroubleText {
  std::string_view title;
  std::string_view explanation;
  std::string_view what_to_do;
};

const TroubleText& trouble_text(Language language, Trouble trouble);

}  // namespace doorward::pages
