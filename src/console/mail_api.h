#pragma once

#include <string>
#include <string_view>

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// What administrators have sent by mail. Without a mail server whatever sends is refused with
/// `api.no_mail_server`, and the words can be copied.
class MailApi {
 public:
  /// `from` is the sender, empty without a mail server.
  MailApi(const Dependencies& dependencies, std::string_view from) : deps_(dependencies), from_(from) {}

  /// GET /api/v1/mail: whether mails can be sent, and in whose name.
  Result<http::Response> mail(const http::Request& request);
  /// GET /api/v1/setup/instructions: how many employees sign-in instructions would reach, whether mails can
  /// be sent, and what became of those sent before.
  Result<http::Response> instructions(const http::Request& request);
  /// POST /api/v1/setup/instructions {subject, body, expected}: to every active employee with an address;
  /// `expected` is the number that the administrator saw, and another one is refused.
  Result<http::Response> send_instructions(const http::Request& request);
  /// GET /api/v1/employees/{id}/send-link: which of the two links makes sense for the employee, whether it
  /// can be sent (`obstacle` is empty then), and what became of the last one.
  Result<http::Response> link_offer(const http::Request& request);
  /// POST /api/v1/employees/{id}/send-link {kind}: `invitation` or `recovery`.
  Result<http::Response> send_link(const http::Request& request);

 private:
  http::Response no_mail_server() const;

  Dependencies deps_;
  std::string from_;
};

}  // namespace doorward::console
