/** That of `package.json`, which is not part of the bundle; a test holds the two together. */
export const version = '0.1.0';
