import SQLCore
import SagaChoreography

/// The executor of commands on an SQL database.
public typealias SQLCommands = CommandExecutor<SQLSagaStore>

/// What a service's workers are given: its database, its commands, and every source of time and chance.
public struct ServiceContext: Sendable {
    public let database: any SQLDatabase
    public let commands: SQLCommands
    public let clock: any SagaClock
    public let ids: any IDGenerator
    public let random: any RandomSource
    public let probe: any Probe

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
