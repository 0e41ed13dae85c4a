#pragma once

#include <memory>
#include <mutex>

#include <curl/curl.h>

#include "base/check.h"

/// What every use of libcurl in this room begins with.
namespace doorward::net {

using CurlOwner = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

inline CurlOwner make_curl_handle() {
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  CurlOwner handle(curl_easy_init(), &curl_easy_cleanup);
  CHECK(handle);
  return handle;
}

template <class Value>
void set_option(CURL* handle, CURLoption option, Value value) {
  CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

}  // namespace doorward::net
