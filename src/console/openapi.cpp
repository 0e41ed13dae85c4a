#include "console/openapi.h"

#include <string>

extern "C" {
extern const char doorward_openapi[];
extern const char doorward_openapi_end[];
}

namespace doorward::console {

std::string_view openapi_document() {
  return {doorward_openapi, doorward_openapi_end};
}

Result<http::Response> openapi(const http::Request&) {
  return http::Response::json(http::Status::Ok, std::string(openapi_document()));
}

}  // namespace doorward::console
