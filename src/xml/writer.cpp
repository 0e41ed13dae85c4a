#include "xml/writer.h"

#include "base/check.h"
#include "xml/escape.h"

namespace doorward::xml {

void Writer::end_start_tag() {
  if (in_start_tag_) out_ += '>';
  in_start_tag_ = false;
}

Writer& Writer::open(std::string_view name) {
  end_start_tag();
  out_ += '<';
  out_ += name;
  open_.emplace_back(name);
  in_start_tag_ = true;
  return *this;
}

Writer& Writer::attribute(std::string_view name, std::string_view value) {
  CHECK(in_start_tag_);
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  append_attribute_value(out_, value);
  out_ += '"';
  return *this;
}

Writer& Writer::text(std::string_view value) {
  CHECK(!open_.empty());
  end_start_tag();
  append_text(out_, value);
  return *this;
}

Writer& Writer::close() {
  CHECK(!open_.empty());
  if (in_start_tag_) {
    out_ += "/>";
    in_start_tag_ = false;
  } else {
    out_ += "</";
    out_ += open_.back();
    out_ += '>';
  }
  open_.pop_back();
  return *this;
}

Writer& Writer::element(std::string_view name, std::string_view value) {
  return open(name).text(value).close();
}

std::string Writer::take() && {
  CHECK(open_.empty());
  return std::move(out_);
}

}  // namespace doorward::xml
