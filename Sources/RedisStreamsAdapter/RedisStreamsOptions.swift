/// How the streams are laid out and how patient this process is with them.
public struct RedisStreamsOptions: Sendable {
    /// What every key begins with: systems that share a Redis have different ones.
    public var prefix = "purchase"
    /// Streams of each event type. Fixed once there is something in Redis: another number is refused.
    public var partitions = 1
    /// How long a connection may take to be made, greeting included.
    public var connectTimeout = Duration.seconds(2)
    /// How long an answer may take.
    public var commandTimeout = Duration.seconds(3)
    /// How long a delivery may stay with a consumer unacknowledged before another one of its group takes it over.
    public var claimAfter = Duration.seconds(15)
    /// With how many deliveries fetched ahead a group asks for no more. The last answer may bring as many as ``longestAnswer`` from each
    /// stream.
    public var deliveriesAhead = 1000
    /// How many events that are sent together to one stream share an entry at most, 1 to 64: what one consumer of a group gets at a time.
    public var eventsPerEntry = 32
    /// After which silence a consumer without deliveries is taken for gone, and its name is deleted.
    public var consumerLifetime = Duration.seconds(3600)

    /// As the properties say.
    public init() {}

    /// About how many events of one stream an answer brings at most.
    static let longestAnswer = 250

    /// How long a read waits in Redis for something to arrive: not so long that a look for what others left is late.
    var longestBlock: Duration { min(.seconds(5), claimInterval) }
    /// How often deliveries that others left are looked for.
    var claimInterval: Duration { max(.milliseconds(50), claimAfter / 3) }
}
