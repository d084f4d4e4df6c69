/**
 * The header by which the server knows a request of our own pages. Where the connection is not one that browsers trust
 * (plain http to another machine) they tell neither the site of the asker nor, when something is read, its origin. Another
 * site's page may not send it: it would first have to ask the server, which allows nobody.
 */
export const OUR_PAGES = { "X-GuruRMM": "1" } as const;
