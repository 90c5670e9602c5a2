namespace DevOps.Infrastructure.Queue;

/// <summary>How the end of the process reaches what runs in it. That no new job is taken is the worker's own affair.</summary>
/// <param name="Interrupt">The time of grace is over: drop what you hold and hand it back.</param>
/// <param name="Leave">Even that took too long: the lease tells the others.</param>
public readonly record struct HouseTokens(CancellationToken Interrupt, CancellationToken Leave);
