/** How long the text files of a backup may be, for who sends, fetches and opens them. It opens none. */

/** Of the backup key file and the core security backup. */
export const TEXT_FILE_BYTES_MAX = 2 * 1024 * 1024;
