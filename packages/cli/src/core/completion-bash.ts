/**
 * Completion for bash, of our own: the library's needs a package that many hosts lack, and evaluates what was typed so
 * far, `$(...)` included. Words go to the program as they are; what it answers is only compared.
 */
export const completionBash = String.raw`# bash completion for berth
_berth() {
  local word=${"$"}{COMP_WORDS[COMP_CWORD]} line
  COMPREPLY=()
  while IFS= read -r line; do
    line=${"$"}{line%%${"$"}'\t'*}
    if [[ $line != :* && $line == "$word"* ]]; then COMPREPLY+=("$line"); fi
  done < <(berth complete -- "${"$"}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _berth berth
`;
