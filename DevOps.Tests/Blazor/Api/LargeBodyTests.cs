using System.Net;
using System.Net.Http.Headers;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using static DevOps.Tests.Blazor.Api.ContractTests;

namespace DevOps.Tests.Blazor.Api;

/// <summary>Bodies far beyond what the API reads: refused with a problem, and never kept.</summary>
public sealed class LargeBodyTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const int Megabyte = 1024 * 1024;
    private const int Size = 30 * Megabyte;
    private const int AtOnce = 12;
    private static readonly Uri Projects = new("/api/v1/projects", UriKind.Relative);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_of_30_megabytes_is_refused_with_a_problem_and_the_next_call_is_answered(bool lengthIsSaid)
    {
        using var client = await api.AsAsync(Role.Admin);
        using var body = new SlowBody(Size, lengthIsSaid ? Size : null);
        body.Release();
        using var answer = await client.PostAsync(Projects, body);

        var problem = await AssertProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("1 MiB", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var next = await client.GetAsync(Projects);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Many_such_bodies_at_once_are_not_kept_in_memory()
    {
        using var client = await api.AsAsync(Role.Admin);
        var bodies = Enumerable.Range(0, AtOnce).Select(_ => new SlowBody(Size, Size)).ToList();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var answers = bodies.ConvertAll(b => client.PostAsync(Projects, b));
        await Task.WhenAll(bodies.Select(b => b.NearlySent));

        // All but the last bytes of 360 MB have left the clients.
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        bodies.ForEach(b => b.Release());

        foreach (var answer in await Task.WhenAll(answers))
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            answer.Dispose();
        }

        Assert.True(held < AtOnce * Size / 3, $"{held / Megabyte} MB were held.");
        bodies.ForEach(b => b.Dispose());
    }

    /// <summary>A body of spaces that waits before its last byte.</summary>
    private sealed class SlowBody : HttpContent
    {
        private static readonly byte[] Spaces = [.. Enumerable.Repeat((byte)' ', 64 * 1024)];
        private readonly TaskCompletionSource _nearlySent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly int _size;
        private readonly long? _said;

        public SlowBody(int size, long? said)
        {
            (_size, _said) = (size, said);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public Task NearlySent => _nearlySent.Task;

        public void Release() => _released.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var sent = 0; sent < _size - 1;)
            {
                var count = Math.Min(Spaces.Length, _size - 1 - sent);
                await stream.WriteAsync(Spaces.AsMemory(0, count));
                sent += count;
            }

            await stream.FlushAsync();
            _nearlySent.TrySetResult();
            await _released.Task;
            await stream.WriteAsync(Spaces.AsMemory(0, 1));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _said ?? 0;
            return _said is not null;
        }
    }
}
