// libmongoc: https://mongoc.org/libmongoc/1.23.1/. A bson_t must lie at a multiple of 128 bytes, which Swift does not give to a value:
// Swift sees pointers to what lies here or in the library.
#include <mongoc/mongoc.h>

static inline size_t cmongo_length(const bson_t *document) { return document->len; }

static inline const char *cmongo_message(const bson_error_t *error) { return error->message; }

// Inserts in order, up to the first that is refused. The reply is the caller's to destroy.
static inline bson_t *cmongo_insert(
    mongoc_collection_t *collection, const bson_t **documents, size_t count, bool *done, bson_error_t *error) {
    bson_t reply;
    *done = mongoc_collection_insert_many(collection, documents, count, NULL, &reply, error);
    bson_t *copy = bson_copy(&reply);
    bson_destroy(&reply);
    return copy;
}

static inline bool cmongo_delete(mongoc_collection_t *collection, const bson_t *selector, bson_error_t *error) {
    return mongoc_collection_delete_many(collection, selector, NULL, NULL, error);
}

static inline mongoc_cursor_t *cmongo_aggregate(
    mongoc_collection_t *collection, const bson_t *pipeline, const bson_t *options) {
    return mongoc_collection_aggregate(collection, MONGOC_QUERY_NONE, pipeline, options, NULL);
}

static inline bool cmongo_write_command(
    mongoc_client_t *client, const char *database, const bson_t *command, bson_error_t *error) {
    return mongoc_client_write_command_with_opts(client, database, command, NULL, NULL, error);
}

// What the library has to say goes into errors; its lines of log would go to the process's output.
static inline void cmongo_be_silent(void) { mongoc_log_set_handler(NULL, NULL); }

// The first host that a URI names; none in mongodb+srv.
static inline const char *cmongo_first_host(const mongoc_uri_t *uri) {
    const mongoc_host_list_t *hosts = mongoc_uri_get_hosts(uri);
    return hosts ? hosts->host : mongoc_uri_get_srv_hostname(uri);
}

static inline uint16_t cmongo_first_port(const mongoc_uri_t *uri) {
    const mongoc_host_list_t *hosts = mongoc_uri_get_hosts(uri);
    return hosts ? hosts->port : 27017;
}
