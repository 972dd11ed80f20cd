const visible = /^[\x21-\x7e]+$/;
const controls = /[\p{Cc}]/u;

/** Whether a text can be the value of a header, or its last part, as it is: visible ASCII without a blank (RFC 9110, section 5.5). */
export function isHeaderValue(text: string): boolean {
  return visible.test(text);
}

/** Whether a text has a control character, such as the newline that `echo` leaves at the end of a stored secret. */
export function hasControlCharacter(text: string): boolean {
  return controls.test(text);
}
