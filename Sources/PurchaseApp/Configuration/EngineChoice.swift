import PostgresAdapter
import RedisStreamsAdapter

/// Where the data are.
public enum DatabaseChoice: Sendable {
    /// A file of this machine, with one writing process.
    case sqlite(path: String)
    /// A server, with any number of processes.
    case postgres(PostgresEndpoint, poolSize: Int)

    /// What people call it; holds no secret.
    public var name: String {
        switch self {
        case .sqlite(let path): path
        case .postgres(let endpoint, _): endpoint.description
        }
    }

    /// The file, if it is one.
    public var path: String? {
        guard case .sqlite(let path) = self else { return nil }
        return path
    }
}

/// How events travel.
public enum BusChoice: Sendable {
    /// Within one process.
    case embedded
    /// Between any number of processes.
    case redis(RedisEndpoint, partitions: Int, prefix: String)
}
