import RedisStreamsAdapter
import SagaChoreography
import Testing

@Suite struct EndpointTests {
    @Test func `a URL may name everything`() throws {
        let endpoint = try RedisEndpoint(url: "redis://saga:s3cret@redis.example:6380/5")
        #expect(
            endpoint
                == RedisEndpoint(host: "redis.example", port: 6380, user: "saga", password: "s3cret", database: 5))
    }

    @Test(arguments: [
        ("redis://redis.example", RedisEndpoint(host: "redis.example")),
        ("redis://redis.example/", RedisEndpoint(host: "redis.example")),
        ("redis://[::1]:7000/1", RedisEndpoint(host: "::1", port: 7000, database: 1)),
        ("redis://[::1]", RedisEndpoint(host: "::1")),
        ("redis://:only@h", RedisEndpoint(host: "h", password: "only")),
        ("redis://u:a%2Fb%40c%3A%25@h", RedisEndpoint(host: "h", user: "u", password: "a/b@c:%")),
        ("redis://u:a/b@c:d@h:1", RedisEndpoint(host: "h", port: 1, user: "u", password: "a/b@c:d")),
    ])
    func `what is missing has its usual value`(url: String, expected: RedisEndpoint) throws {
        #expect(try RedisEndpoint(url: url) == expected)
    }

    @Test(arguments: [
        ("redis.example:6379", "must look like redis://"),
        ("http://redis.example", "must look like redis://"),
        ("redis://", "host is missing"),
        ("redis://:s3cret@:6379", "host is missing"),
        ("redis://:s3cret@h:0", "port '0' is not a number from 1 to 65535"),
        ("redis://:s3cret@h:none", "port 'none' is not a number"),
        ("redis://:s3cret@h:65536", "port '65536' is not a number"),
        ("redis://:s3cret@h/x", "database 'x' is not a number from 0"),
        ("redis://:s3cret@h/-1", "database '-1' is not a number from 0"),
        ("redis://:s3cret@h/1?timeout=3", "database '1?timeout=3' is not a number"),
        ("redis://:s3cret%@h", "has a % that"),
        ("redis://s3cret@h", "a user but no password"),
        ("redis://:s3cret@[::1", "lacks its closing bracket"),
        ("redis://:s3cret@[::1]x", "no host and port"),
        ("redis://:s3cret@::1", "in brackets"),
        ("rediss://:s3cret@h", "run stunnel"),
    ])
    func `a wrong URL is refused with a reason that shows no password`(url: String, reason: String) throws {
        let error = try #require(throws: RedisAdapterError.self) { try RedisEndpoint(url: url) }
        #expect(error.code == .misconfigured)
        #expect(error.description.contains(reason))
        #expect(!error.description.contains("s3cret"))
    }

    @Test func `whatever prints an endpoint prints no password`() throws {
        struct Holder { let endpoint: RedisEndpoint }
        let endpoint = try RedisEndpoint(url: "redis://saga:s3cret@redis.example:6380/5")
        #expect(endpoint.description == "redis://saga:***@redis.example:6380/5")
        #expect(RedisEndpoint().description == "redis://127.0.0.1:6379/0")
        #expect(RedisEndpoint(host: "::1").address == "[::1]:6379")
        var dumped = ""
        dump(Holder(endpoint: endpoint), to: &dumped)
        for text in ["\(endpoint)", "\(Holder(endpoint: endpoint))", String(reflecting: endpoint), dumped] {
            #expect(!text.contains("s3cret"))
        }
    }
}
