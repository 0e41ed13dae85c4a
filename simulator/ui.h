#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "pages/html.h"
#include "simulator/model.h"

/// The look of the simulator's pages, and the parts that they are made of.
namespace doorward::simulator::ui {

using pages::Html;
using pages::html;

inline Html operator+(Html first, const Html& second) {
  first += second;
  return first;
}

enum class Section : std::uint8_t { Overview, Users, Groups, Applications, Registrations, Faults };

struct Link {
  std::string title;
  std::string href;
};

/// A page of the admin center: navigation on the side, breadcrumbs above the heading.
struct PortalPage {
  Section section = Section::Overview;
  std::vector<Link> breadcrumbs = {};
  std::string title;
  Html body;
  http::Status status = http::Status::Ok;
};

http::Response portal_page(const Tenant& tenant, const PortalPage& page);

enum class AutoSubmit : std::uint8_t { No, Yes };

/// A small page in the middle: sign-in, errors, My Apps.
http::Response plain_page(std::string_view title, const Html& body, http::Status status = http::Status::Ok,
                          AutoSubmit auto_submit = AutoSubmit::No);

/// `/portal/<tenant id>` with `path` behind.
std::string portal_path(const Tenant& tenant, std::string_view path = "");
std::string application_path(const Tenant& tenant, const Application& application,
                             std::string_view path = "");

// Parts.

/// A green line after a 303 to `…?done=<what>`; nothing without.
Html done_notice(const http::Request& request);
/// A red line that a screen reader announces.
Html problem_notice(const std::optional<Error>& problem);
Html note(const Html& text);
/// A term and its value with a copy button, for use inside `properties`.
Html copyable(std::string_view term, std::string_view value);
Html property(std::string_view term, const Html& value);
Html properties(const Html& rows);
Html text_field(std::string_view label, std::string_view name, std::string_view value,
                std::string_view hint = "");
Html text_area(std::string_view label, std::string_view name, std::string_view value,
               std::string_view hint = "");
Html checkbox(std::string_view label, std::string_view name, bool checked, std::string_view hint = "");

struct Choice {
  std::string value;
  std::string label;
};
Html select(std::string_view label, std::string_view name, const std::vector<Choice>& choices,
            std::string_view chosen);
/// A form that posts to `action`, with one primary button.
Html form(std::string_view action, const Html& fields, std::string_view button);
/// A form that is one secondary button.
Html action_button(std::string_view action, std::string_view button);
Html danger_button(std::string_view action, std::string_view button);
Html link(std::string_view href, std::string_view title);
/// `head` and `rows` are made of `<tr>`; wide tables scroll inside their frame.
Html table(std::string_view caption, const Html& head, const Html& rows);
Html card(std::string_view title, const Html& body);

/// A form field's value, trimmed; empty when it is missing.
std::string field(const http::Form& form, std::string_view name);
/// The lines of a text area, trimmed, without empty ones and repetitions.
std::vector<std::string> field_lines(const http::Form& form, std::string_view name);

/// 303 to `location`, where `done_notice` then says what happened.
http::Response done(const std::string& location, std::string_view what);

/// GET /simulator/assets/{name}
Result<http::Response> serve_asset(const http::Request& request);
/// The page for a failure outside the sign-in pages.
http::Response error_page(const http::Request& request, const Error& error);
/// Security headers of every answer.
void add_headers(const http::Request& request, http::Response& response);

}  // namespace doorward::simulator::ui
