variable "folder" {
  description = "The folder of the site's state; terraform/new.json in it says what new is made of."
  type        = string
}
