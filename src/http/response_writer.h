#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/message.h"

namespace doorward::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
std::string format_http_date(Timestamp time);

/// Whether a header can be sent as it is: names are tokens, values hold no control characters. Anything else
/// would let a value end its field and begin another (response splitting).
bool is_sendable(const Headers& headers);

enum class AfterAnswer : std::uint8_t { KeepAlive, Close };

/// Fields that go with every answer which does not set them itself, checked and written once.
class DefaultFields {
 public:
  DefaultFields() = default;
  /// Fields that cannot be sent are a broken contract.
  explicit DefaultFields(const Headers& fields);

  /// Appends those that `given` lacks.
  void write(const Headers& given, std::string& out) const;

 private:
  struct Line {
    std::string name;
    std::string text;  ///< With its line end.
  };
  std::vector<Line> lines_;
};

struct AnswerContext {
  Method method = Method::Get;
  std::string_view date;
  std::string_view request_id;
  AfterAnswer after = AfterAnswer::KeepAlive;
  const DefaultFields* defaults = nullptr;
};

/// The status line and header of an answer, with the empty line behind it. `Date`, `Content-Length`,
/// `Connection`, `Transfer-Encoding` and `X-Request-Id` are the server's own; those in `response` are left
/// out.
std::string write_head(const Response& response, const AnswerContext& context);

/// The bytes behind the header: none for HEAD, 204 and 304 (RFC 9110 section 6.4.1).
bool has_body(const Response& response, Method method);

}  // namespace doorward::http
