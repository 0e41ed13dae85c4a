#include <fmt/format.h>

#include "simulator/application_page.h"
#include "simulator/call.h"
#include "simulator/metadata.h"
#include "simulator/saml_response.h"
#include "simulator/words.h"

/// *Single sign-on* and *Token encryption* of an enterprise application.
namespace doorward::simulator {

namespace {

using namespace ui;

std::string sso_path(const Tenant& tenant, const Application& application, std::string_view path = "") {
  return application_path(tenant, application, fmt::format("/sso{}", path));
}

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

Html date(Timestamp time) {
  return html("{}", format_rfc3339(time).substr(0, 10));
}

Html edit_link(const Tenant& tenant, const Application& application, std::string_view path,
               std::string_view what) {
  return html(R"(<p><a class="button" href="{}" aria-label="Edit {}">Edit</a></p>)",
              sso_path(tenant, application, path), what);
}

Html many(std::string_view term, const std::vector<std::string>& values) {
  if (values.empty()) return property(term, html(R"(<span class="muted">Required</span>)"));
  Html rows;
  for (const std::string& value : values)
    rows += copyable(term, value);
  return rows;
}

http::Response method_page(Call& call, const Tenant& tenant, const Application& application) {
  const Html body =
      note(html("Single sign-on is not set up yet. SAML is the method that this simulator knows.")) +
      card("Select a single sign-on method",
           html("<p>SAML: rich and secure authentication to applications using the SAML protocol.</p>") +
               form(sso_path(tenant, application),
                    html(R"(<input type="hidden" name="method" value="saml">)"), "SAML"));
  return application_page(call, tenant, application, ApplicationTab::SingleSignOn, "Single sign-on", body);
}

Html certificate_summary(const Call& call, const Tenant& tenant, const Application& application) {
  const crypto::Certificate& certificate = signing_certificate(application, now_in(call, tenant)).certificate;
  const std::string url = metadata_url(call.settings.public_url, tenant, application);
  return properties(
      property("Status", html("Active")) + copyable("Thumbprint", certificate.thumbprint()) +
      property("Expiration", date(certificate.not_after())) + copyable("App Federation Metadata URL", url) +
      property("Certificate (Base64)", link(sso_path(tenant, application, "/certificate.cer"), "Download")) +
      property("Federation Metadata XML", link(url, "Open")) +
      property("Signing option", html("{}", label(application.signing_option))));
}

Result<http::Response> show_sso(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  if (!application->saml_selected) return method_page(call, *tenant, *application);
  const std::string saml_url = fmt::format("{}/{}/saml2", call.settings.public_url, tenant->tenant_id);
  Html body;
  body += card("1. Basic SAML Configuration",
               properties(many("Identifier (Entity ID)", application->identifiers) +
                          many("Reply URL (Assertion Consumer Service URL)", application->reply_urls) +
                          copyable("Sign on URL", application->sign_on_url) +
                          copyable("Relay State", application->relay_state) +
                          copyable("Logout Url", application->logout_url)) +
                   edit_link(*tenant, *application, "/basic", "Basic SAML Configuration"));
  body += card(
      "2. Attributes & Claims",
      properties(property("Unique User Identifier", html("{}", label(application->name_id_source))) +
                 property("Name identifier format", html("{}", label(application->name_id_format))) +
                 property("Group", html("{}", application->emit_groups ? "All groups" : "None")) +
                 property("givenname", html("user.givenname")) + property("surname", html("user.surname")) +
                 property("emailaddress", html("user.mail")) +
                 property("name", html("user.userprincipalname"))) +
          edit_link(*tenant, *application, "/claims", "Attributes and Claims"));
  body += card("3. SAML Certificates",
               certificate_summary(call, *tenant, *application) +
                   edit_link(*tenant, *application, "/certificates", "SAML Certificates"));
  body += card(fmt::format("4. Set up {}", application->name),
               properties(copyable("Login URL", saml_url) +
                          copyable("Microsoft Entra Identifier", issuer_of(*tenant)) +
                          copyable("Logout URL", saml_url)));
  body += card(fmt::format("5. Test single sign-on with {}", application->name),
               html("<p>Signs a user in to see whether single sign-on works. They must be assigned to the "
                    "application.</p>") +
                   html(R"(<p><a class="button" href="/myapps/{}/{}">Test</a></p>)", tenant->tenant_id,
                        application->app_id));
  return application_page(call, *tenant, *application, ApplicationTab::SingleSignOn,
                          "Set up Single Sign-On with SAML", body);
}

Result<http::Response> post_method(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  application->saml_selected = true;
  return done(sso_path(*tenant, *application), "SAML selected.");
}

http::Response basic_page(const Call& call, const Tenant& tenant, const Application& application,
                          const Application& shown, const std::optional<Error>& problem) {
  const Html fields =
      text_area("Identifier (Entity ID)", "identifiers", joined(shown.identifiers),
                "The unique ID that identifies the application. One a line; the first is the default.") +
      text_area(
          "Reply URL (Assertion Consumer Service URL)", "reply_urls", joined(shown.reply_urls),
          "Where the application expects the authentication token. One a line; the first is the default.") +
      text_field(
          "Sign on URL (Optional)", "sign_on_url", shown.sign_on_url,
          "With it, the My Apps tile opens this address instead of sending a response nobody asked for.") +
      text_field("Relay State (Optional)", "relay_state", shown.relay_state,
                 "Sent along when a sign-in begins at My Apps.") +
      text_field("Logout Url (Optional)", "logout_url", shown.logout_url,
                 "Where logout responses and requests go.");
  return application_page(
      call, tenant, application, ApplicationTab::SingleSignOn, "Basic SAML Configuration",
      card("Basic SAML Configuration", form(sso_path(tenant, application, "/basic"), fields, "Save")),
      problem);
}

Result<http::Response> show_basic(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  return basic_page(call, *tenant, *application, *application, std::nullopt);
}

Result<http::Response> post_basic(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  Application wanted = *application;
  wanted.identifiers = field_lines(values, "identifiers");
  wanted.reply_urls = field_lines(values, "reply_urls");
  wanted.sign_on_url = field(values, "sign_on_url");
  wanted.relay_state = field(values, "relay_state");
  wanted.logout_url = field(values, "logout_url");
  const auto checked = check_basic_configuration(*tenant, wanted);
  if (!checked) return basic_page(call, *tenant, *application, wanted, checked.error());
  *application = std::move(wanted);
  return done(sso_path(*tenant, *application), "Basic SAML Configuration saved.");
}

Result<http::Response> show_claims(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  const Html fields = select("Name identifier format", "name_id_format", choices<NameIdFormat>(),
                             word(application->name_id_format)) +
                      select("Source attribute", "name_id_source", choices<NameIdSource>(),
                             word(application->name_id_source)) +
                      checkbox("Add a group claim", "emit_groups", application->emit_groups,
                               "Object IDs of all groups; users in more than 150 groups get a link instead.");
  return application_page(call, *tenant, *application, ApplicationTab::SingleSignOn, "Attributes & Claims",
                          card("Unique User Identifier (Name ID)",
                               form(sso_path(*tenant, *application, "/claims"), fields, "Save")));
}

Result<http::Response> post_claims(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  ASSIGN_OR_RETURN(const NameIdFormat format, parse_word<NameIdFormat>(field(values, "name_id_format")));
  ASSIGN_OR_RETURN(const NameIdSource source, parse_word<NameIdSource>(field(values, "name_id_source")));
  application->name_id_format = format;
  application->name_id_source = source;
  application->emit_groups = values.find("emit_groups").has_value();
  return done(sso_path(*tenant, *application), "Attributes & Claims saved.");
}

Html certificate_rows(const Call& call, const Tenant& tenant, const Application& application) {
  Html rows;
  for (const SigningCertificate& entry : application.certificates) {
    const std::string thumbprint = entry.certificate.thumbprint();
    const bool expired = entry.certificate.not_after() <= now_in(call, tenant);
    const Html actions =
        entry.active
            ? Html()
            : action_button(
                  sso_path(tenant, application, fmt::format("/certificates/{}/activate", thumbprint)),
                  "Make certificate active") +
                  danger_button(
                      sso_path(tenant, application, fmt::format("/certificates/{}/delete", thumbprint)),
                      "Delete certificate");
    rows += html("<tr><td>{}{}</td><td>{}</td><td><code>{}</code></td><td>{}</td></tr>",
                 entry.active ? "Active" : "Inactive", expired ? ", expired" : "",
                 date(entry.certificate.not_after()), thumbprint, actions);
  }
  return rows;
}

Result<http::Response> show_certificates(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  Html body;
  body += card("SAML Signing Certificate",
               html("<p>The metadata lists all of them. Once the active one has expired, Entra signs with "
                    "the next one by itself.</p>") +
                   table("Certificates",
                         html("<tr><th>Status</th><th>Expiration Date</th><th>Thumbprint</th><th><span "
                              "class=\"hidden\">Actions</span></th></tr>"),
                         certificate_rows(call, *tenant, *application)) +
                   action_button(sso_path(*tenant, *application, "/certificates/new"), "New Certificate"));
  body += card("Signing", form(sso_path(*tenant, *application, "/certificates"),
                               select("Signing Option", "signing_option", choices<SigningOption>(),
                                      word(application->signing_option)) +
                                   html(R"(<p class="muted">Signing Algorithm: SHA-256</p>)"),
                               "Save"));
  return application_page(call, *tenant, *application, ApplicationTab::SingleSignOn, "SAML Certificates",
                          body);
}

Result<http::Response> post_signing_option(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  ASSIGN_OR_RETURN(application->signing_option, parse_word<SigningOption>(field(values, "signing_option")));
  return done(sso_path(*tenant, *application, "/certificates"), "Signing option saved.");
}

Result<http::Response> post_new_certificate(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  application->certificates.push_back(new_certificate(now_in(call, *tenant)));
  return done(sso_path(*tenant, *application, "/certificates"), "Certificate created. It is not active yet.");
}

Result<http::Response> post_activate_certificate(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  RETURN_IF_ERROR(activate_certificate(*application, call.request.parameter("thumbprint")));
  return done(sso_path(*tenant, *application, "/certificates"), "Certificate is active.");
}

Result<http::Response> post_delete_certificate(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  RETURN_IF_ERROR(delete_certificate(*application, call.request.parameter("thumbprint")));
  return done(sso_path(*tenant, *application, "/certificates"), "Certificate deleted.");
}

Result<http::Response> download_certificate(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  auto response =
      http::Response::bytes(http::Status::Ok, "application/x-x509-ca-cert",
                            signing_certificate(*application, now_in(call, *tenant)).certificate.to_pem());
  response.with_header("Content-Disposition", R"(attachment; filename="certificate.cer")");
  return response;
}

http::Response encryption_page(const Call& call, const Tenant& tenant, const Application& application,
                               const std::optional<Error>& problem) {
  const auto& certificate = application.encryption.certificate;
  Html current;
  if (certificate) {
    current +=
        properties(copyable("Thumbprint", certificate->thumbprint()) +
                   property("Expiration", date(certificate->not_after())) +
                   property("Status", html("{}", application.encryption.enabled ? "Active" : "Inactive")));
  }
  const Html fields =
      text_area("Import Certificate", "certificate", certificate ? certificate->to_pem() : "",
                "The application's encryption certificate, PEM or base64. Empty removes it.") +
      checkbox("Activate token encryption", "enabled", application.encryption.enabled) +
      select("Content encryption", "cipher", choices<ContentCipher>(), word(application.encryption.cipher));
  const Html body =
      note(html("Entra encrypts with AES-256-CBC. AES-256-GCM is offered here for providers that use it.")) +
      card("Token encryption",
           current + form(application_path(tenant, application, "/token-encryption"), fields, "Save"));
  return application_page(call, tenant, application, ApplicationTab::TokenEncryption, "Token encryption",
                          body, problem);
}

Result<http::Response> show_encryption(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  return encryption_page(call, *tenant, *application, std::nullopt);
}

Result<http::Response> post_encryption(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  ASSIGN_OR_RETURN(const ContentCipher cipher, parse_word<ContentCipher>(field(values, "cipher")));
  const auto saved = set_token_encryption(*application, field(values, "certificate"),
                                          values.find("enabled").has_value(), cipher);
  if (!saved) return encryption_page(call, *tenant, *application, saved.error());
  return done(application_path(*tenant, *application, "/token-encryption"), "Token encryption saved.");
}

}  // namespace

std::vector<CallRoute> single_sign_on_routes() {
  using enum http::Method;
  return {
      {Get, "/portal/{tenant}/applications/{application}/sso", show_sso},
      {Post, "/portal/{tenant}/applications/{application}/sso", post_method},
      {Get, "/portal/{tenant}/applications/{application}/sso/basic", show_basic},
      {Post, "/portal/{tenant}/applications/{application}/sso/basic", post_basic},
      {Get, "/portal/{tenant}/applications/{application}/sso/claims", show_claims},
      {Post, "/portal/{tenant}/applications/{application}/sso/claims", post_claims},
      {Get, "/portal/{tenant}/applications/{application}/sso/certificates", show_certificates},
      {Post, "/portal/{tenant}/applications/{application}/sso/certificates", post_signing_option},
      {Post, "/portal/{tenant}/applications/{application}/sso/certificates/new", post_new_certificate},
      {Post, "/portal/{tenant}/applications/{application}/sso/certificates/{thumbprint}/activate",
       post_activate_certificate},
      {Post, "/portal/{tenant}/applications/{application}/sso/certificates/{thumbprint}/delete",
       post_delete_certificate},
      {Get, "/portal/{tenant}/applications/{application}/sso/certificate.cer", download_certificate},
      {Get, "/portal/{tenant}/applications/{application}/token-encryption", show_encryption},
      {Post, "/portal/{tenant}/applications/{application}/token-encryption", post_encryption},
  };
}

}  // namespace doorward::simulator
