#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

/// What a reverse proxy says of the request that it asks about.
namespace doorward::signin {

/// The origin that the browser sees, as the proxy spells it: X-Forwarded-Proto and X-Forwarded-Host, or
/// X-Original-URL. Nothing when the proxy says none, says one twice, or when these contradict one another:
/// then one of them is the client's own.
std::optional<std::string> forwarded_origin(const http::Request& request);

/// In its normal form (`Url::origin`); nothing for what is none, or has a path.
std::optional<std::string> normal_origin(std::string_view origin);

/// Path and query that the browser asked for, raw: X-Forwarded-Uri, or those of X-Original-URL, else `/`.
/// Only a wish: see `session::safe_return_to`.
std::string forwarded_target(const http::Request& request);

/// Whether a person waits for a page, who can be sent to sign in: a GET of a browser's window or frame, and
/// no script, WebSocket or part of a page.
bool is_navigation(const http::Request& request);

}  // namespace doorward::signin
