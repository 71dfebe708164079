package toy

# Permit a transfer to an adequate place; forbid special data that are not encrypted.
default allow := false

deny if {
  input.special
  not input.encrypted
}

allow if {
  input.adequate
  not deny
}
