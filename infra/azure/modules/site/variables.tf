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

variable "location" {
  type    = string
  default = "southafricanorth"
}

variable "zone" {
  description = "The public zone and its group; looked up, never managed."
  type        = object({ name = string, resource_group = string })
}

variable "databases" {
  description = "One database a service."
  type        = set(string)
}

variable "nodes" {
  description = "Machines of the cluster."
  type        = object({ size = string, count = number })
}

variable "server" {
  description = "The database server's size, and how long its own backups are kept."
  type        = object({ sku = string, storage_mb = number, backup_days = number })
}

variable "administrator_password" {
  description = "Of the pipeline's role; not asked for when the site is destroyed."
  type        = string
  sensitive   = true
  default     = null
}
