using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Layout;

public sealed class SentencesTests
{
    private static readonly SentencesInCode Code = new(typeof(DevOps.Core.Slug).Assembly, typeof(DevOps.Infrastructure.PlatformOptions).Assembly, typeof(Program).Assembly);

    [Fact]
    public void Sentences_are_known_beforehand() => Assert.Empty(Code.Faults);
}
