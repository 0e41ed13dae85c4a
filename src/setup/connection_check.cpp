#include "setup/connection_check.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "directory/ids.h"

namespace doorward::setup {

namespace {

using saml::protocol::Check;
using saml::protocol::Finding;
using saml::protocol::Report;
using saml::protocol::Verdict;

using Entry = Report::Entry;
using Entries = std::vector<Entry>;

constexpr auto kItems = std::to_array<std::pair<CheckItem, std::string_view>>({
    {CheckItem::Address, "address"},
    {CheckItem::Reachable, "reachable"},
    {CheckItem::Document, "document"},
    {CheckItem::EntityId, "entity_id"},
    {CheckItem::SignOn, "sign_on"},
    {CheckItem::Certificates, "certificates"},
    {CheckItem::Key, "key"},
    {CheckItem::SignatureAlgorithm, "signature_algorithm"},
});

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
/// Nobody reads more of one kind.
constexpr std::size_t kMaxFindingsOfAnItem = 10;

constexpr std::string_view kCopyMetadataUrl =
    "In Entra, open the application's *Single sign-on*, go to *SAML Certificates* and copy the *App "
    "Federation Metadata Url*.";

/// Collects the findings, each item behind the ones before it.
class Findings {
 public:
  void pass(CheckItem item, std::string actual) {
    add({.item = item, .verdict = Verdict::Passed, .actual = std::move(actual)});
  }
  void skip(CheckItem item, std::string why) {
    add({.item = item, .verdict = Verdict::Skipped, .message = std::move(why)});
  }
  void note(CheckFinding finding) { add(std::move(finding)); }

  bool has(CheckItem item) const {
    return std::ranges::find(found_, item, &CheckFinding::item) != found_.end();
  }
  bool failed(CheckItem item) const {
    return std::ranges::any_of(found_, [item](const CheckFinding& finding) {
      return finding.item == item && finding.verdict == Verdict::Failed;
    });
  }
  std::vector<CheckFinding> take() && { return std::move(found_); }

 private:
  void add(CheckFinding finding) {
    const auto same = [&finding](const CheckFinding& other) { return other.item == finding.item; };
    if (static_cast<std::size_t>(std::ranges::count_if(found_, same)) >= kMaxFindingsOfAnItem) return;
    // Sign-in and sign-out often share an address, and then its fault.
    const auto again = [&finding](const CheckFinding& other) {
      return other.item == finding.item && other.code == finding.code && other.actual == finding.actual;
    };
    if (!finding.code.empty() && std::ranges::any_of(found_, again)) return;
    found_.push_back(std::move(finding));
  }

  std::vector<CheckFinding> found_;
};

CheckFinding failure(CheckItem item, std::string_view code, std::string message) {
  return {.item = item, .verdict = Verdict::Failed, .code = code, .message = std::move(message)};
}

/// A finding of the protocol's in its own words, unless others are given.
CheckFinding from_entry(CheckItem item, const Entry& entry, std::string message = {}) {
  return {
      .item = item,
      .verdict = entry.verdict,
      .code = code(*entry.finding).name(),
      .message = message.empty() ? std::string(saml::protocol::message(*entry.finding)) : std::move(message),
      .expected = printable(entry.expected),
      .actual = printable(entry.actual)};
}

// --- The address

bool is_one_of(std::string_view text, std::span<const std::string_view> values) {
  return std::ranges::find(values, text) != values.end();
}

constexpr auto kPortalHosts =
    std::to_array<std::string_view>({"portal.azure.com", "entra.microsoft.com", "aad.portal.azure.com",
                                     "portal.azure.us", "entra.microsoft.us", "portal.azure.cn",
                                     "admin.microsoft.com", "portal.office.com", "admin.google.com"});
constexpr auto kUserAccessHosts = std::to_array<std::string_view>(
    {"myapps.microsoft.com", "launcher.myapps.microsoft.com", "myapplications.microsoft.com",
     "account.activedirectory.windowsazure.com"});
constexpr auto kSharedTenants = std::to_array<std::string_view>({"common", "organizations", "consumers"});

/// Entra's addresses begin with the tenant: `/{tenant}/federationmetadata/2007-06/…`, `/{tenant}/saml2`.
struct EntraPath {
  std::string tenant;
  std::string service;
};
EntraPath entra_path(const Url& url) {
  const std::string path = to_ascii_lower(url.path()).substr(1);
  const auto segments = split(path, '/');
  if (segments.size() < 2) return {};
  return {std::string(segments[0]), std::string(segments[1])};
}

bool names_application(const Url& url) {
  const auto fields = split(url.query(), '&');
  return std::ranges::any_of(fields, [](std::string_view field) {
    constexpr std::string_view kName = "appid=";
    return field.size() > kName.size() && equal_ignoring_ascii_case(field.substr(0, kName.size()), kName);
  });
}

/// What an administrator copies in the place of the metadata's address.
CheckFinding look_at_address(const Url& url) {
  const auto wrong = [&url](std::string_view code, std::string_view what) {
    CheckFinding finding = failure(CheckItem::Address, code, fmt::format("{} {}", what, kCopyMetadataUrl));
    finding.actual = printable(url.text());
    return finding;
  };
  const EntraPath path = entra_path(url);
  if (is_one_of(url.host(), kPortalHosts)) {
    return wrong("setup.address_portal",
                 "This is a page of the administration portal, which answers only to whoever is signed in "
                 "there.");
  }
  if (is_one_of(url.host(), kUserAccessHosts)) {
    return wrong("setup.address_user_access",
                 "This is the *User access URL*, with which employees open the application.");
  }
  if (path.service == "saml2" && directory::is_uuid(path.tenant)) {
    return wrong("setup.address_login_url",
                 "This is the *Login URL* (or *Logout URL*), where people sign in: it shows no metadata.");
  }
  if (url.host() == "sts.windows.net" && path.service != "federationmetadata") {
    return wrong("setup.address_identifier",
                 "This is the *Microsoft Entra Identifier*, a name: nothing can be fetched there.");
  }
  if (path.service == "federationmetadata" && is_one_of(path.tenant, kSharedTenants)) {
    return wrong("setup.address_tenant_independent",
                 "This is Microsoft's address for all tenants, whose document belongs to no company.");
  }
  if (path.service == "federationmetadata" && !names_application(url)) {
    CheckFinding finding =
        wrong("setup.address_without_application",
              "This is the document of your tenant, not of this application: the application's own "
              "certificate is missing in it, and its sign-ins may be refused. The right address ends with "
              "?appid= and the application's ID.");
    finding.verdict = Verdict::Warning;
    finding.expected = "…?appid=…";
    return finding;
  }
  return {.item = CheckItem::Address, .verdict = Verdict::Passed, .actual = printable(url.text())};
}

CheckFinding no_address(std::string_view text, const Error& error) {
  if (text.empty()) {
    return failure(CheckItem::Address, "setup.address_missing",
                   fmt::format("There is no address. {}", kCopyMetadataUrl));
  }
  if (text.front() == '<' || text.starts_with(kByteOrderMark)) {
    return failure(CheckItem::Address, "setup.address_is_document",
                   "This is a document, not an address. Give it as a file or as pasted XML.");
  }
  return failure(CheckItem::Address, error.code.name(),
                 fmt::format("{} {}", error.message, kCopyMetadataUrl));
}

// --- The fetch

struct Advice {
  std::string_view code;
  std::string_view text;
};

constexpr std::string_view kUploadInstead =
    "If this server cannot get there at all, download the metadata (in Entra: *Federation Metadata XML* "
    "under *SAML Certificates*) and give it as a file.";

constexpr auto kAdvice = std::to_array<Advice>({
    {"net.name_not_found", "Copy the address from the provider's page instead of typing it."},
    {"net.connection_failed", "Compare the address with the one on the provider's page."},
    {"net.timeout", "Check again in a minute."},
    {"net.certificate_untrusted",
     "Correct that at the provider. If its certificate comes from your company's own authority, ask whoever "
     "runs this server to trust it."},
    {"net.certificate_expired",
     "Renew it there, or compare the address with the one on the provider's page."},
    {"net.certificate_not_yet_valid", "Check again when it is."},
    {"net.certificate_name", "Compare the address with the one on the provider's page."},
    {"net.tls_failed", "Correct that at the provider."},
    {"net.http_status",
     "Open the address in a private window: it must show XML to whoever asks, without anybody signing in."},
    {"net.redirect_invalid", "Give the address that shows the metadata itself."},
    {"net.redirect_to_http", "Give an address that stays with https."},
    {"net.too_many_redirects",
     "It probably asks for a sign-in. Give the address that shows the metadata itself."},
    {"net.too_large", "That is more than the metadata of one provider needs: give its own document."},
    {"net.compressed", "Correct that at the provider."},
    {"net.answer_broken", "Check again in a minute."},
});

/// Where a name leads inside the operator's network, and what answers there, is nobody's business.
CheckFinding not_reached(const Url& url, const Error& error) {
  if (error.code == ErrorCode("net.address_refused")) {
    return failure(CheckItem::Reachable, error.code.name(),
                   fmt::format("{} leads to this server itself or into a private network, where this server "
                               "does not connect. {} Whoever runs this server can also allow it private "
                               "addresses.",
                               printable(url.origin()), kUploadInstead));
  }
  const auto* const advice =
      std::ranges::find(kAdvice, error.code.name(), [](const Advice& each) { return each.code; });
  std::string message = error.message;
  if (advice != kAdvice.end()) message += fmt::format(" {}", advice->text);
  if (error.kind == ErrorKind::Unavailable) message += fmt::format(" {}", kUploadInstead);
  return failure(CheckItem::Reachable, error.code.name(), std::move(message));
}

// --- The document

BytesView without_surroundings(BytesView document) {
  document = trim(document);
  if (document.starts_with(kByteOrderMark)) document.remove_prefix(kByteOrderMark.size());
  return trim(document);
}

bool mentions(BytesView document, std::initializer_list<std::string_view> words) {
  constexpr std::size_t kLooked = std::size_t{64} * 1024;
  const std::string text = to_ascii_lower(document.substr(0, kLooked));
  return std::ranges::any_of(words,
                             [&text](std::string_view word) { return text.find(word) != std::string::npos; });
}

std::string web_page_words(BytesView document) {
  const bool signs_in = mentions(document, {"password", "sign in", "sign-in", "signin", "log in", "login"});
  return fmt::format("{} {}",
                     signs_in ? "This is a sign-in page, not metadata. The metadata's address answers "
                                "without anybody signing in."
                              : "This is a web page, not metadata.",
                     kCopyMetadataUrl);
}

/// What came in the place of XML.
CheckFinding not_xml(const Entry& entry, BytesView document) {
  if (document.empty()) {
    return failure(CheckItem::Document, "setup.document_empty",
                   fmt::format("The document is empty. {}", kCopyMetadataUrl));
  }
  if (document.front() == '{' || document.front() == '[') {
    return failure(
        CheckItem::Document, "setup.document_json",
        fmt::format("This is JSON, as OpenID Connect uses it, not SAML metadata. {}", kCopyMetadataUrl));
  }
  return from_entry(
      CheckItem::Document, entry,
      fmt::format("This is not XML that can be read safely: it was cut off or changed, or it is "
                  "something else. Download it anew; do not copy it from a browser's view. {}",
                  kCopyMetadataUrl));
}

CheckFinding document_failure(const Entry& entry, BytesView document) {
  switch (*entry.finding) {
    case Finding::MessageTooLarge:
      return from_entry(CheckItem::Document, entry,
                        "The document is larger than the metadata of any provider. Give its own document "
                        "instead of a federation's.");
    case Finding::MessageNotXml:
      return not_xml(entry, document);
    case Finding::MetadataIsWebPage:
      return from_entry(CheckItem::Document, entry, web_page_words(document));
    case Finding::MetadataKind:
      if (mentions(document,
                   {"schemas.xmlsoap.org/wsdl", "ws-trust", "schemas.xmlsoap.org/ws/2004/09/mex"})) {
        CheckFinding finding =
            from_entry(CheckItem::Document, entry,
                       fmt::format("This describes a WS-Trust service, not SAML. {}", kCopyMetadataUrl));
        finding.code = "setup.document_ws_trust";
        return finding;
      }
      break;
    case Finding::MetadataNoProvider:
      break;
    default:
      return from_entry(CheckItem::Document, entry);
  }
  return from_entry(CheckItem::Document, entry,
                    fmt::format("{} {}", saml::protocol::message(*entry.finding), kCopyMetadataUrl));
}

/// Which item a line of the parser's report belongs to. Nothing for keys, which are told apart later.
std::optional<CheckItem> item_of(const Entry& entry) {
  // That there is no provider in it says what kind of document it is.
  if (entry.finding == Finding::MetadataNoProvider) return CheckItem::Document;
  switch (entry.check) {
    case Check::Message:
    case Check::Structure:
    case Check::Validity:
      return CheckItem::Document;
    case Check::EntityId:
      return CheckItem::EntityId;
    case Check::Endpoints:
      return CheckItem::SignOn;
    default:
      return std::nullopt;
  }
}

std::string sign_on_text(const directory::Provider& provider) {
  std::string text;
  for (const directory::Endpoint& endpoint : provider.sign_on) {
    if (!text.empty()) text += ", ";
    text +=
        fmt::format("{} {}", endpoint.binding == directory::Binding::Redirect ? "HTTP-Redirect" : "HTTP-POST",
                    endpoint.url);
  }
  return printable(text);
}

/// What the parser says about an item, or that it passed; nothing when the parser never came to it.
void add_item(CheckItem item, const Entries& entries, BytesView document, Findings& findings) {
  std::optional<std::string> passed_with;
  for (const Entry& entry : entries) {
    if (item_of(entry) != item) continue;
    if (!passed_with && entry.verdict == Verdict::Passed) passed_with = entry.actual;
    if (!entry.finding) continue;
    findings.note(item == CheckItem::Document ? document_failure(entry, document) : from_entry(item, entry));
  }
  if (passed_with && !findings.has(item)) findings.pass(item, *std::move(passed_with));
}

/// The lines about certificates, told apart.
struct Certificates {
  Entries usable;    ///< Valid today.
  Entries unusable;  ///< Expired, or not valid yet.
  Entries refused;   ///< Damaged, or with a key that is not accepted.
  Entries failures;  ///< None at all, or too many.
};

Certificates certificates_in(const Entries& entries) {
  Certificates sorted;
  for (const Entry& entry : entries) {
    if (entry.check != Check::Certificates) continue;
    if (entry.verdict == Verdict::Failed) {
      sorted.failures.push_back(entry);
    } else if (entry.finding == Finding::MetadataKeyRefused) {
      sorted.refused.push_back(entry);
    } else if (entry.finding == Finding::MetadataCertificateExpired ||
               entry.finding == Finding::MetadataCertificateNotYetValid) {
      sorted.unusable.push_back(entry);
    } else {
      sorted.usable.push_back(entry);
    }
  }
  return sorted;
}

constexpr std::string_view kRenew =
    "Renew it in Entra: *SAML Certificates* > *Edit* > *New Certificate*, then *Make certificate active*";

std::string certificate_words(const Entry& entry) {
  const std::string which = printable(entry.actual);
  switch (*entry.finding) {
    case Finding::MetadataCertificateExpired:
      return fmt::format("A signing certificate has expired ({}). {}, and check again.", which, kRenew);
    case Finding::MetadataCertificateExpiresSoon:
      return fmt::format("A signing certificate expires soon ({}). {} before that day.", which, kRenew);
    case Finding::MetadataCertificateNotYetValid:
      return fmt::format(
          "A signing certificate is not valid yet ({}). Check again when it is; if it should be, "
          "compare the clocks.",
          which);
    case Finding::MetadataNoSigningKey:
      return "The metadata holds no signing certificate that can be used, so no sign-in could be verified. "
             "In "
             "Entra, add one: *SAML Certificates* > *Edit* > *New Certificate*, then *Make certificate "
             "active*.";
    default:
      return {};
  }
}

void add_certificates(const Certificates& certificates, Findings& findings) {
  for (const Entry& entry : certificates.failures)
    findings.note(from_entry(CheckItem::Certificates, entry, certificate_words(entry)));
  for (const Entry& entry : certificates.usable) {
    if (entry.finding) {
      findings.note(from_entry(CheckItem::Certificates, entry, certificate_words(entry)));
    } else {
      findings.pass(CheckItem::Certificates, entry.actual);
    }
  }
  // One that is valid is enough: providers list the old certificate beside the new one for a while.
  const bool nothing_else = certificates.usable.empty();
  for (const Entry& entry : certificates.unusable) {
    CheckFinding finding = from_entry(CheckItem::Certificates, entry, certificate_words(entry));
    if (nothing_else) finding.verdict = Verdict::Failed;
    findings.note(std::move(finding));
  }
}

void add_keys(const Certificates& certificates, Findings& findings) {
  const bool has_others = !certificates.usable.empty() || !certificates.unusable.empty();
  for (const Entry& entry : certificates.refused) {
    CheckFinding finding = from_entry(CheckItem::Key, entry);
    if (!has_others) finding.verdict = Verdict::Failed;
    findings.note(std::move(finding));
  }
  if (has_others && certificates.refused.empty()) findings.pass(CheckItem::Key, {});
}

void look_at_document(BytesView document, Timestamp now, ConnectionCheck& check, Findings& findings) {
  ReadMetadata read = read_metadata(document, "", now);
  const Entries entries = read.report.entries();
  const BytesView content = without_surroundings(document);
  add_item(CheckItem::Document, entries, content, findings);
  add_item(CheckItem::EntityId, entries, content, findings);
  if (read.provider) {
    findings.pass(CheckItem::SignOn, sign_on_text(*read.provider));
  } else {
    add_item(CheckItem::SignOn, entries, content, findings);
  }
  const Certificates certificates = certificates_in(entries);
  add_certificates(certificates, findings);
  add_keys(certificates, findings);
  check.provider = std::move(read.provider);
}

/// Makes the list whole: what was not looked at is skipped.
void finish(Findings findings, ConnectionCheck& check) {
  for (const CheckItem item :
       {CheckItem::Address, CheckItem::Reachable, CheckItem::Document, CheckItem::EntityId, CheckItem::SignOn,
        CheckItem::Certificates, CheckItem::Key}) {
    if (!findings.has(item)) findings.skip(item, "This could not be looked at before the rest is mended.");
    if (findings.failed(item)) check.provider.reset();
  }
  findings.skip(CheckItem::SignatureAlgorithm,
                "Metadata does not tell it; the test sign-in will. In Entra, *Signing Algorithm* under *SAML "
                "Certificates* must be SHA-256.");
  check.findings = std::move(findings).take();
  std::ranges::stable_sort(check.findings, {}, &CheckFinding::item);
}

}  // namespace

std::string_view to_text(CheckItem item) {
  return kItems[static_cast<std::size_t>(item)].second;
}

std::string fetch_problem(const Url& url, const Error& error) {
  return not_reached(url, error).message;
}

ConnectionCheck check_connection(std::string_view address, const FetchMetadata& fetch, Timestamp now) {
  ConnectionCheck check;
  Findings findings;
  const std::string_view text = trim(address);
  // A page's address is often copied with its fragment, which is never sent.
  const auto url = Url::parse(text.substr(0, text.find('#')));
  if (!url) {
    findings.note(no_address(text, url.error()));
    finish(std::move(findings), check);
    return check;
  }
  CheckFinding looked = look_at_address(*url);
  auto source = fetch(*url, now);
  if (!source) {
    log::failure(log::Level::Info, "setup.metadata_not_fetched", source.error());
    if (source.error().code == ErrorCode("net.not_https")) {
      looked = failure(CheckItem::Address, source.error().code.name(), source.error().message);
      looked.expected = "https://…";
      looked.actual = printable(url->text());
    } else {
      findings.note(not_reached(*url, source.error()));
    }
    findings.note(std::move(looked));
    finish(std::move(findings), check);
    return check;
  }
  findings.note(std::move(looked));
  findings.pass(CheckItem::Reachable, printable(url->origin()));
  check.source = *std::move(source);
  look_at_document(check.source.document, now, check, findings);
  finish(std::move(findings), check);
  return check;
}

ConnectionCheck check_document(std::string_view document, Timestamp now) {
  ConnectionCheck check;
  check.source = {
      .url = {}, .document = Bytes(without_surroundings(document)), .etag = {}, .fetched_at = now};
  Findings findings;
  findings.skip(CheckItem::Address, "A document was given instead of an address.");
  findings.skip(CheckItem::Reachable, "A document was given instead of an address.");
  look_at_document(check.source.document, now, check, findings);
  finish(std::move(findings), check);
  return check;
}

Result<void> check_plan(const directory::Account& account) {
  if (account.plan == directory::Plan::Enterprise) return {};
  return fail(
      ErrorKind::Refused, "directory.plan_without_sso",
      "Single sign-on belongs to the enterprise plan, which this account does not have. Ask support to "
      "change the plan first.");
}

Result<Establishment> establish_connection(storage::Transaction& transaction,
                                           const directory::Account& account,
                                           const std::optional<std::string>& name,
                                           const directory::Provider& provider,
                                           const directory::MetadataSource& source,
                                           directory::EntityIdChange change, const directory::Actor& actor,
                                           Timestamp now) {
  RETURN_IF_ERROR(check_plan(account));
  ASSIGN_OR_RETURN(const auto target, find_target(transaction, account, name));
  if (target && target->provider.entity_id != provider.entity_id) {
    if (account.sso_enforced_at) {
      return fail(ErrorKind::Refused, "setup.provider_fixed",
                  "This is another identity provider than the one of the connection, and SSO is enabled: "
                  "nobody could be sure to come in. Contact support to change the provider. New certificates "
                  "and addresses of the same provider can be taken over here.");
    }
    if (change == directory::EntityIdChange::Refuse) {
      ASSIGN_OR_RETURN(const auto linked,
                       directory::count_linked_employees(transaction, account.id, target->id));
      return Establishment{.stored = {},
                           .replaces = Replacement{.connection = target->name,
                                                   .entity_id = target->provider.entity_id,
                                                   .new_entity_id = provider.entity_id,
                                                   .linked_employees = linked}};
    }
  }
  ASSIGN_OR_RETURN(auto stored,
                   store_provider(transaction, account, name, provider, source, change, actor, now));
  return Establishment{.stored = std::move(stored), .replaces = {}};
}

}  // namespace doorward::setup
