import SagaChoreography
import Synchronization
import Testing

@Suite struct `Calls that come together` {
    private struct Odd: Error, Equatable { let number: Int }

    @Test func `each get their own result, and no round is larger than allowed`() async throws {
        let rounds = Mutex<[Int]>([])
        let gate = AsyncStream.makeStream(of: Void.self)
        let batcher = CallBatcher<Int, Int>(limit: 8) { numbers in
            let isFirst = rounds.withLock { rounds in
                rounds.append(numbers.count)
                return rounds.count == 1
            }
            if isFirst { for await _ in gate.stream { break } }
            return numbers.map { $0.isMultiple(of: 2) ? .success($0 * 10) : .failure(Odd(number: $0)) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    do {
                        let result = try await batcher.run(number)
                        #expect(result == number * 10 && number.isMultiple(of: 2))
                    } catch let error as Odd {
                        #expect(error == Odd(number: number))
                    }
                }
            }
            gate.continuation.yield()
            try await group.waitForAll()
        }
        let counts = rounds.withLock { $0 }
        #expect(counts.reduce(0, +) == 20)
        #expect(counts.allSatisfy { $0 <= 8 })
    }
}
