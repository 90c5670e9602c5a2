namespace DevOps.Core.Queue;

/// <summary>Another worker holds the job now. Who gets this stops and writes nothing more.</summary>
public class LeaseLost(string message, Exception? inner = null) : Exception(message, inner);
