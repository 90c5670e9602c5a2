using DevOps.Core.Credentials;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence.Configurations;

internal sealed class ServerConfiguration : IEntityTypeConfiguration<Server>
{
    public void Configure(EntityTypeBuilder<Server> builder)
    {
        builder.ToTable("servers");
        builder.Property(s => s.Name).HasMaxLength(40);
        builder.Property(s => s.Host).HasMaxLength(253);
        builder.Property(s => s.User).HasMaxLength(64).HasColumnName("login");
        builder.Property(s => s.HostKey).HasMaxLength(4000);
        builder.Property(s => s.HostKeyFingerprint).HasMaxLength(100);
        builder.Property(s => s.LastCheck).AsJson();
        builder.Property(s => s.Revision).IsConcurrencyToken();
        builder.HasIndex(s => s.Name).IsUnique();
        builder.HasOne<Credential>().WithMany().HasForeignKey(s => s.CredentialId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<Server>().WithMany().HasForeignKey(s => s.JumpServerId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class CredentialConfiguration : IEntityTypeConfiguration<Credential>
{
    public void Configure(EntityTypeBuilder<Credential> builder)
    {
        builder.ToTable("credentials");
        builder.Property(c => c.Name).HasMaxLength(40);
        builder.Property(c => c.Kind).AsWord();
        builder.Property(c => c.PublicKey).HasMaxLength(4000);
        builder.HasIndex(c => c.Name).IsUnique();
    }
}

internal sealed class SecretConfiguration : IEntityTypeConfiguration<Secret>
{
    public void Configure(EntityTypeBuilder<Secret> builder)
    {
        builder.ToTable("secrets");
        builder.Property(s => s.Scope).AsWord();
        builder.Property(s => s.Name).HasMaxLength(64);
        builder.HasIndex(s => new { s.Scope, s.OwnerId, s.Name }).IsUnique();
    }
}
