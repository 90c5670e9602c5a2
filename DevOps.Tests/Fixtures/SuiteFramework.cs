using System.Collections.Concurrent;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("DevOps.Tests.Fixtures.SuiteFramework", "DevOps.Tests")]

namespace DevOps.Tests.Fixtures;

/// <summary>xunit with an end: what a test run started for all its tests is stopped when the last one is done.
/// (A handler of the process's own exit comes too late: the runner kills the process after a moment.)</summary>
public sealed class SuiteFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    private static readonly ConcurrentStack<Func<Task>> Endings = new();

    /// <summary>Registers what is to be done at the end of the run; the last registered is done first.</summary>
    public static void AtEnd(Func<Task> action) => Endings.Push(action);

    /// <summary>Does what was registered, for who runs without the framework: the benchmarks.</summary>
    public static async Task EndAsync()
    {
        while (Endings.TryPop(out var ending))
        {
            await ending();
        }
    }

    protected override ITestFrameworkExecutor CreateExecutor(System.Reflection.AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(System.Reflection.AssemblyName name, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkExecutor(name, sources, messages)
    {
        // The signature is xunit's own.
        protected override async void RunTestCases(IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            using var run = new Runner(TestAssembly, testCases, DiagnosticMessageSink, executionMessageSink, executionOptions);
            await run.RunAsync();
        }
    }

    private sealed class Runner(ITestAssembly assembly, IEnumerable<IXunitTestCase> cases, IMessageSink diagnostics, IMessageSink execution, ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, cases, diagnostics, execution, options)
    {
        // Before the runner is told that the assembly is finished: from then on it does not wait any more.
        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            while (Endings.TryPop(out var ending))
            {
                await Aggregator.RunAsync(ending);
            }

            await base.BeforeTestAssemblyFinishedAsync();
        }
    }
}
