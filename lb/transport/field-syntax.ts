const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_TEXT = /[^\t\x20-\x7e\x80-\xff]/;

/** A method or a field's name (RFC 9110, 5.6.2). */
export const isToken = (text: string): boolean => TOKEN.test(text);

/** What a field's value (RFC 9110, 5.5) and a reason phrase may have, in latin1. */
export const isFieldText = (text: string): boolean => !NO_TEXT.test(text);
