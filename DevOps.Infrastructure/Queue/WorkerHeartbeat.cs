namespace DevOps.Infrastructure.Queue;

/// <summary>Sign of life of a worker.</summary>
/// <param name="Expected">Whether this process is a worker at all.</param>
/// <param name="Age">How long ago its loop turned, on the monotonic clock.</param>
/// <param name="Running">How many jobs it runs.</param>
public sealed record WorkerHeartbeat(bool Expected, TimeSpan Age, int Running);
