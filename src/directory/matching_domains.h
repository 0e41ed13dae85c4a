#pragma once

/// The names of the domains in which employees of the account $1 match: its own, and for a test account those
/// of its parent.
#define DIRECTORY_MATCHING_DOMAINS                      \
  "(SELECT d.name FROM domains AS d WHERE d.account_id" \
  " IN ($1, (SELECT a.parent_id FROM accounts AS a WHERE a.id = $1)))"
