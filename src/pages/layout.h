#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "pages/html.h"
#include "pages/language.h"

namespace doorward::pages {

/// Where a page's forms may lead. Browsers apply `form-action` to the redirects after a form as well, so a
/// form that ends at an identity provider or an application needs more than our own origin.
enum class FormTarget : std::uint8_t { Ourselves, Elsewhere };

/// A whole page around `main`, with strict headers: no inline script or style, no framing, no caching.
/// `our_origin` is given for a page that is shown at another host, where our stylesheet has no path.
http::Response page(http::Status status, Language language, std::string_view title, const Html& main,
                    FormTarget forms = FormTarget::Ourselves, const Html& head = {},
                    std::string_view our_origin = {});

/// Where the forms of a page may lead instead: `sources` of the Content-Security-Policy's form-action.
void allow_forms_to(http::Response& page, std::string_view sources);
/// An application's address as such a source, without its query. An application's own scheme is the scheme
/// alone, and so is an IPv6 address, which the policy has no words for.
std::string form_source(std::string_view address);

/// What was wrong with the form above which it stands; nothing without a problem. Its id is `problem`.
Html problem_note(Language language, const std::optional<Phrase>& problem);

/// The language that the request prefers.
Language language_of(const http::Request& request);

}  // namespace doorward::pages
