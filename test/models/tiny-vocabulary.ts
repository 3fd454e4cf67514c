/** Printable characters of ASCII. */
export const characters: readonly string[] = Array.from({ length: 95 }, (_, index) =>
  String.fromCharCode(32 + index),
)

/** Syllables of two letters. */
export const syllables: readonly string[] = 'bdfgklmnprstvz'
  .split('')
  .flatMap((consonant) => 'aeiou'.split('').map((vowel) => `${consonant}${vowel}`))

/** A chat template in ChatML, which knows system messages. */
export const chatTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
