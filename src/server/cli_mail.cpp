#include <fmt/format.h>

#include "base/text.h"
#include "net/mail.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/outbound.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

Result<Reply> send_test_mail(Context& context) {
  const std::string address = context.arguments().positional("ADDRESS");
  const auto to = net::Mailbox::parse(address);
  if (!to) {
    return fail(ErrorKind::InvalidInput, "cli.email",
                fmt::format("“{}” is not an e-mail address.", printable(address)));
  }
  const Config& config = context.config();
  ASSIGN_OR_RETURN(const auto server, mail_server(config));
  if (!server) {
    return fail(ErrorKind::InvalidInput, "cli.no_mail_server",
                "No mail server is configured. Set mail.server and mail.from.");
  }
  net::Mail mail;
  mail.from = *net::Mailbox::parse(config.mail_from);
  mail.to = *to;
  mail.subject = "Doorward can send mails";
  mail.text = fmt::format("This is a test from the Doorward at {}. Nothing is to be done.\n",
                          public_url(config).origin());
  mail.id = fmt::format("doorward.test.{}", to_millis(context.now()));
  mail.date = context.now();
  RETURN_IF_ERROR(net::send_mail(*server, mail));
  return Reply{
      {{"to", to->address}, {"server", config.mail_server}},
      fmt::format("{} took a mail to {}. Look whether it arrives.", config.mail_server, to->address)};
}

}  // namespace

std::vector<Command> mail_commands() {
  return {
      {.name = "mail test",
       .summary = "Send a test mail by the configured mail server",
       .positionals = {{"ADDRESS", "Where to"}},
       .run = send_test_mail,
       .config_flags = ConfigFlags::All},
  };
}

}  // namespace doorward::server
