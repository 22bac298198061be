# Writes OUTPUT, a C++ file with the text of STYLE and SCRIPT and with their hashes in the form of a
# content security policy: sha256- and base64.

function(policy_hash file result)
  file(SHA256 ${file} hex)
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  set(base64 "")
  # 32 bytes: ten groups of three, then two bytes and one character of padding.
  foreach(group RANGE 10)
    math(EXPR start "${group} * 6")
    string(SUBSTRING "${hex}00" ${start} 6 digits)
    math(EXPR bits "0x${digits}")
    foreach(shift 18 12 6 0)
      math(EXPR index "(${bits} >> ${shift}) & 63")
      string(SUBSTRING ${alphabet} ${index} 1 character)
      string(APPEND base64 ${character})
    endforeach()
  endforeach()
  string(SUBSTRING ${base64} 0 43 base64)
  set(${result} "sha256-${base64}=" PARENT_SCOPE)
endfunction()

function(definition name file result)
  file(READ ${file} text)
  policy_hash(${file} hash)
  set(${result} "const Asset ${name}{R\"asset(${text})asset\", \"${hash}\"};\n" PARENT_SCOPE)
endfunction()

definition(page_style ${STYLE} style)
definition(page_script ${SCRIPT} script)
file(WRITE ${OUTPUT}
  "#include \"report/assets.h\"\n\nnamespace ponte::report {\n\n${style}${script}\n}  // namespace ponte::report\n")
