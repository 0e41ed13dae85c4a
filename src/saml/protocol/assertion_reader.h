#pragma once

#include "saml/protocol/response.h"
#include "xml/reader.h"

namespace doorward::saml::protocol {

/// NameID as an element of an assertion or of a LogoutRequest.
Result<NameId, Finding> read_name_id(Report& report, xml::Element element);

/// Reads an assertion whose bytes were signed, and checks all that SAML Core 2.3 to 2.7 and Profiles 4.1.4.2
/// and 4.1.4.3 demand of it.
class AssertionReader {
 public:
  /// `source` holds the assertion that will be read.
  AssertionReader(const Expectations& expectations, Report& report, std::optional<xml::Document> source)
      : expectations_(expectations), report_(report), assertion_(std::move(source)) {}

  Result<VerifiedAssertion, Finding> read(xml::Element assertion);

 private:
  /// Why a subject confirmation does not count.
  struct Problem {
    Finding finding;
    Described expected;
    Described actual;
  };

  Result<void, Finding> read_subject(xml::Element subject);
  Result<void, Finding> read_confirmations(xml::Sequence& children);
  Result<std::optional<Problem>, Finding> confirmation_problem(xml::Element confirmation);
  std::optional<Problem> data_problem(xml::Element data, Timestamp not_on_or_after) const;
  Result<void, Finding> read_conditions(xml::Element conditions);
  Result<void, Finding> check_window(xml::Element conditions);
  Result<void, Finding> check_audience(xml::Element restriction);
  Result<void, Finding> read_statements(xml::Sequence& children);
  Result<void, Finding> read_authn_statement(xml::Element statement);
  Result<void, Finding> read_attribute_statement(xml::Element statement);
  Result<void, Finding> read_attribute(xml::Element element);
  void hand_out_values();
  Result<void, Finding> check_claims();

  const Expectations& expectations_;
  Report& report_;
  VerifiedAssertion assertion_;
  std::vector<std::size_t> value_counts_;  ///< For each attribute.
  bool has_authn_statement_ = false;
};

}  // namespace doorward::saml::protocol
