import SQLCore
import SagaChoreography

/// The executor of commands on an SQL database.
public typealias SQLCommands = CommandExecutor<SQLSagaStore>

/// What a service's workers are given: its database, its commands, and every source of time and chance.
public struct ServiceContext: Sendable {
    /// Where the service's tables are, for reading what is due.
    public let database: any SQLDatabase
    /// Runs the service's commands, the only way in which a worker changes rows.
    public let commands: SQLCommands
    /// The only clock a worker reads.
    public let clock: any SagaClock
    /// Where new ids come from.
    public let ids: any IDGenerator
    /// Where chance comes from, such as the jitter of a worker's retries.
    public let random: any RandomSource
    /// Where a test may make a worker fail.
    public let probe: any Probe

    /// Takes what its properties say.
    public init(
        database: any SQLDatabase, commands: SQLCommands, clock: any SagaClock, ids: any IDGenerator,
        random: any RandomSource, probe: any Probe = NoProbe()
    ) {
        self.database = database
        self.commands = commands
        self.clock = clock
        self.ids = ids
        self.random = random
        self.probe = probe
    }
}
