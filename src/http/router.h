#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace doorward::http {

/// A plain function from request to answer. A failure becomes an answer in one place,
/// `ServerOptions::on_error`.
using Handler = std::function<Result<Response>(const Request&)>;

/// Where a handler runs: on the I/O thread when it answers from memory, on the worker pool when it may block.
enum class Run : std::uint8_t { Inline, Pooled };

struct Route {
  Method method;
  std::string pattern;
  Run run;
  Handler handler;
};

/// The one table of routes. `/saml/{account}/acs` matches one non-empty segment for each name; a last segment
/// `{rest...}` matches all that remains, also nothing. Literal segments win over names, names over the rest.
/// GET routes answer HEAD too.
class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  /// Two routes of one method and shape are a broken contract.
  void add(Method method, std::string_view pattern, Run run, Handler handler);

  struct Match {
    /// Null: the path is unknown (404), or known with other methods only (405, `allowed`). Lives as long as
    /// the router.
    const Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> parameters;
    /// For `Allow`, when the path exists with other methods: `GET, HEAD, POST`.
    std::string allowed;
  };
  Match find(Method method, std::string_view path) const;

  /// All of them, in no order that means anything. They live as long as the router.
  std::vector<const Route*> routes() const;

 private:
  struct Node;
  struct Search;
  std::unique_ptr<Node> root_;
};

}  // namespace doorward::http
