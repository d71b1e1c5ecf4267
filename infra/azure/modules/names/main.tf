# The names of new, by the convention of the v2.2 migration. No provider, no resource: the same input gives the same names.

variable "organisation" {
  type = string
}

variable "environment" {
  type = string
}

variable "short" {
  description = "The environment's name where Azure's limit asks for a short one."
  type        = string
}

variable "region" {
  description = "The region as names write it."
  type        = string
  default     = "san"
}

locals {
  core = "${var.organisation}-${var.environment}-core"
}

output "resource_group" {
  value = "${local.core}-rg-${var.region}"
}

output "nodes_group" {
  value = "${local.core}-nodes-rg-${var.region}"
}

output "cluster" {
  value = "${local.core}-aks-${var.region}"
}

output "postgres" {
  value = "${local.core}-psql-${var.region}"
}

output "vault" {
  value = "${var.organisation}-${var.short}-shared-kv-${var.region}"
}

output "storage" {
  value = "${var.organisation}${var.short}corest${var.region}"
}

output "network" {
  value = "${local.core}-vnet-${var.region}"
}

output "private_zone" {
  value = "${local.core}.private.postgres.database.azure.com"
}
