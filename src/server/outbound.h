#pragma once

#include <optional>

#include "net/fetch.h"
#include "net/mail.h"
#include "server/config.h"

namespace doorward::server {

/// What may be fetched from `url` with this configuration. A Doorward that is itself reached on loopback
/// only, in a demo or a test, may fetch from loopback; plain http is for loopback alone.
net::FetchOptions fetch_options(const Config& config, const Url& url);

/// For what webhooks and applications are told: the same addresses; of the answer only the status matters.
net::SendOptions notify_options(const Config& config, const Url& url);

/// The mail server with its password; nothing when none is configured. Fails when the password's file cannot
/// be read.
Result<std::optional<net::MailServer>> mail_server(const Config& config);

}  // namespace doorward::server
