#pragma once

#include <string_view>

#include "http/message.h"
#include "pages/html.h"
#include "pages/language.h"

namespace doorward::pages {

/// Where a page's forms may lead. Browsers apply `form-action` to the redirects after a form as well, so a
/// form that ends at an identity provider needs more than our own origin.
enum class FormTarget : std::uint8_t { Ourselves, IdentityProvider };

/// A whole page around `main`, with strict headers: no inline script or style, no framing, no caching.
/// `our_origin` is given for a page that is shown at another host, where our stylesheet has no path.
http::Response page(http::Status status, Language language, std::string_view title, const Html& main,
                    FormTarget forms = FormTarget::Ourselves, const Html& head = {},
                    std::string_view our_origin = {});

/// The language that the request prefers.
Language language_of(const http::Request& request);

}  // namespace doorward::pages
