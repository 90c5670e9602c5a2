namespace DevOps.Core.Queue;

/// <summary>The fencing token of one turn of a job: only its holder may write, and only while the row still bears all three.
/// The attempt only ever rises, so a holder who came back from a long pause can never be mistaken for the present one.</summary>
/// <param name="Id">The job's row id.</param>
/// <param name="Attempt">Which attempt this turn is.</param>
/// <param name="Worker">Name of the worker that took it.</param>
public sealed record JobFence(long Id, int Attempt, string Worker);
